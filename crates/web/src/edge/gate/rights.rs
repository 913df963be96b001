//! What an operation asks of a caller in any workspace or none.

use std::time::Duration;

use actix_web::http::header::WWW_AUTHENTICATE;
use witan_access::{ApiKeyGrant, Principal, Scope};
use witan_ids::{UserId, WorkspaceId};

use crate::edge::Edge;
use crate::routes::access::Access;
use crate::routes::endpoint::Endpoint;
use crate::{Problem, codes};

/// How fresh a proof must be for operations that ask for one.
const FRESH: Duration = Duration::from_secs(10 * 60);
/// When to try again while nobody knows who may do what.
const LATER: Duration = Duration::from_secs(5);

pub(super) fn check(edge: &Edge, endpoint: &Endpoint, principal: &Principal) -> Result<(), Problem> {
    if let Some(key) = principal.api_key() {
        admit_key(endpoint, key)?;
    }
    if endpoint.access == Access::Platform && !principal.platform_admin {
        return Err(
            Problem::new(&codes::PERMISSION_DENIED).detail("It is for whoever runs the installation.")
        );
    }
    if endpoint.step_up {
        let age = edge.0.clock.now().signed_duration_since(principal.authenticated_at);
        if age.to_std().is_ok_and(|age| age > FRESH) {
            return Err(step_up_required());
        }
    }
    Ok(())
}

/// Who runs something is let in only by what is certain: a log-in or a role may have ended a minute ago, and the news
/// of it be under way.
pub(super) async fn require_fresh_state(edge: &Edge, endpoint: &Endpoint) -> Result<(), Problem> {
    if !endpoint.administrative || edge.0.access.freshness.is_fresh_soon().await {
        return Ok(());
    }
    Err(Problem::new(&codes::STATE_STALE).retry_after(LATER))
}

/// What is switched off for the caller is as if it were not there, except that they are told.
pub(super) fn require_feature(
    edge: &Edge,
    endpoint: &Endpoint,
    workspace: Option<WorkspaceId>,
    user: UserId,
) -> Result<(), Problem> {
    match endpoint.feature {
        Some(feature) if !edge.0.access.feature_flags.has(feature, workspace, Some(user)) => {
            Err(Problem::new(&codes::FEATURE_OFF).detail(format!("The feature is {}.", feature.key)))
        }
        _ => Ok(()),
    }
}

/// A key is good for what its scopes name, and never for what needs a person.
fn admit_key(endpoint: &Endpoint, key: &ApiKeyGrant) -> Result<(), Problem> {
    if endpoint.step_up {
        return Err(Problem::new(&codes::SESSION_REQUIRED));
    }
    match (endpoint.access.permission(), endpoint.api_key) {
        (Some(permission), _) => {
            let needed = Scope::ALL.into_iter().filter(|scope| scope.covers(permission));
            require_any(key, needed.collect())
        }
        (None, Some(scope)) if key.workspace.is_none() => require_any(key, vec![scope]),
        (None, Some(_)) => Err(Problem::new(&codes::SCOPE_MISSING).detail("It takes the key of a person.")),
        (None, None) => Err(Problem::new(&codes::SESSION_REQUIRED)),
    }
}

fn require_any(key: &ApiKeyGrant, needed: Vec<Scope>) -> Result<(), Problem> {
    if needed.iter().any(|scope| key.has(*scope)) {
        return Ok(());
    }
    let names: Vec<_> = needed.iter().map(|scope| scope.as_str()).collect();
    Err(Problem::new(&codes::SCOPE_MISSING).detail(format!("It needs the scope {}.", names.join(" or "))))
}

/// RFC 9470 section 3 names the error and how old the proof may be.
fn step_up_required() -> Problem {
    let challenge = format!(
        "Bearer realm=\"witan\", error=\"insufficient_user_authentication\", \
         error_description=\"a more recent authentication is required\", max_age=\"{}\"",
        FRESH.as_secs()
    );
    Problem::new(&codes::STEP_UP_REQUIRED).header(WWW_AUTHENTICATE, challenge)
}
