use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{Body, Caller, Created, HttpRequest, Problem, State, Tenant, Violations, codes};

use super::view::Domain;
use crate::actor::Actor;
use crate::app::App;
use crate::claiming::claim;
use crate::domain::mail_domain::{MailDomain, MailDomainError};

/// A domain to claim.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateDomain {
    /// May be internationalised.
    #[schema(min_length = 1, max_length = 253, example = "example.org")]
    domain: String,
}

/// Says that an e-mail domain is the workspace's.
///
/// The answer names the TXT record that proves it; put it into the DNS and call `verifyDomain`. Nobody joins by the domain
/// before that, and before `updateDomain` lets them.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/domains", operation_id = "createDomain", tag = "domains",
    params(("workspaceId" = WorkspaceId, Path)), request_body = CreateDomain,
    responses((status = 201, description = "Claimed, and not yet proved", body = Domain),
        (status = 409, description = "`tenancy.domain_exists`, `tenancy.domain_limit`"),
        (status = 422, description = "`tenancy.domain_public`: anybody gets a mailbox there, or it is no domain.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Body(wish): Body<CreateDomain>,
) -> Result<Created<Domain>, Problem> {
    let domain = parse(&wish.domain)?;
    let actor = Actor::of(&request, &caller, &tenant);
    let make = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> {
        claim(tx, &app, &actor, caller.user_id, &domain).await
    };
    let row = app.pg.tenant("domain.claim", tenant.workspace_id, make).await?;
    let location = format!("/api/v1/workspaces/{}/domains/{}", row.workspace_id, row.id);
    Ok(Created { location, body: Domain::of(row) })
}

fn parse(text: &str) -> Result<MailDomain, Problem> {
    MailDomain::parse(text).map_err(|error| match error {
        MailDomainError::Malformed(error) => {
            let mut violations = Violations::new();
            violations.push("/domain", "validation.invalid", error.to_string());
            violations.into()
        }
        error => Problem::new(&codes::tenancy::DOMAIN_PUBLIC).detail(format!("Of this domain {error}.")),
    })
}
