use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use witan_access::{AccessError, FeatureFlag, FeatureFlagSource, Membership, Memberships};
use witan_ids::{ProjectId, StartupId, UserId, WorkspaceId};

use crate::ClientError;
use crate::channel::{Channel, DEADLINE};
use crate::error::found;

/// The tenancy service's internal API.
#[derive(Debug, Clone)]
pub struct TenancyClient(pub(crate) Channel);

/// What the council needs to know of a company.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartupProfile {
    /// The start-up.
    pub id: StartupId,
    /// Its name.
    pub name: String,
    /// What it does, where known.
    pub description: Option<String>,
    /// Its industry, where known.
    pub industry: Option<String>,
    /// How far it is, such as `SEED`.
    pub stage: Option<String>,
    /// ISO 3166-1 alpha-2, where known.
    pub country: Option<String>,
    /// How many people work for it, where known.
    pub team_size: Option<i32>,
    /// Its web site, where known.
    pub website: Option<String>,
}

/// What groups conversations and runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSummary {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// Whether it is archived.
    pub archived: bool,
}

/// A workspace that a person runs and that others belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Administered {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// Who else runs it.
    pub admins: Vec<UserId>,
}

impl TenancyClient {
    /// `POST /internal/users/{userId}/administered`: the workspaces that the person is an active ADMIN of and that have
    /// other active members. Where each has another ADMIN, tenancy keeps one until the closing is known.
    ///
    /// # Errors
    /// When tenancy does not answer.
    pub async fn announce_closing(&self, user: UserId) -> Result<Vec<Administered>, ClientError> {
        self.0.post(&format!("/internal/users/{user}/administered"), &(), DEADLINE).await
    }

    /// `GET /internal/workspaces/{workspaceId}/admins`: who runs the workspace; nobody where it is not there.
    ///
    /// # Errors
    /// When tenancy does not answer.
    pub async fn admins(&self, workspace: WorkspaceId) -> Result<Vec<UserId>, ClientError> {
        self.0.get(&format!("/internal/workspaces/{workspace}/admins"), &[]).await
    }

    /// `GET /internal/startups/{startupId}?workspaceId=`: a start-up of this workspace, if it has one of that id.
    ///
    /// # Errors
    /// When tenancy does not answer.
    pub async fn startup(
        &self,
        workspace: WorkspaceId,
        startup: StartupId,
    ) -> Result<Option<StartupProfile>, ClientError> {
        let path = format!("/internal/startups/{startup}");
        found(self.0.get(&path, &[("workspaceId", &workspace.to_string())]).await)
    }

    /// `GET /internal/projects/{projectId}?workspaceId=`: a project of this workspace, if it has one of that id.
    ///
    /// # Errors
    /// When tenancy does not answer.
    pub async fn project(
        &self,
        workspace: WorkspaceId,
        project: ProjectId,
    ) -> Result<Option<ProjectSummary>, ClientError> {
        let path = format!("/internal/projects/{project}");
        found(self.0.get(&path, &[("workspaceId", &workspace.to_string())]).await)
    }
}

#[async_trait]
impl FeatureFlagSource for TenancyClient {
    /// `GET /internal/feature-flags`.
    async fn feature_flags(&self) -> Result<Vec<FeatureFlag>, AccessError> {
        let answer = self.0.get("/internal/feature-flags", &[]).await;
        answer.map_err(|error| AccessError::unavailable("feature flags", error))
    }
}

#[async_trait]
impl Memberships for TenancyClient {
    /// `GET /internal/memberships?userId=&workspaceId=`; without a workspace, the user's default one.
    async fn find(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<Option<Membership>, AccessError> {
        let (user, workspace) = (user.to_string(), workspace.map(|workspace| workspace.to_string()));
        let mut query = vec![("userId", user.as_str())];
        query.extend(workspace.as_deref().map(|workspace| ("workspaceId", workspace)));
        let answer = found(self.0.get("/internal/memberships", &query).await);
        answer.map_err(|error| AccessError::unavailable("memberships", error))
    }
}
