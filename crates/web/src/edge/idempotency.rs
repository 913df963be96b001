//! `Idempotency-Key`: the same request twice is done once and answered twice the same.
//!
//! Before the handler runs, a row claims the key, in a transaction of its own. The claim lasts a minute and is renewed
//! while the handler works, so that a process that was killed does not block its caller for longer. Afterwards the row
//! holds the answer for a day, encrypted because it may show a secret once. Between the handler's commit and that a
//! crash is possible. So the first transaction of the handler that changes something notes that in the row: the next
//! request with the key then learns that the work was done and its answer is gone, and nothing is done twice.
//!
//! Answers that time may heal are not kept: failures of ours, limits and conflicts.

mod answer;
mod store;

use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::{Error, HttpMessage};
use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;

pub use self::store::IdempotencyStore;
use self::store::{Claim, Claimed, Key};
use super::address::bucket;
use crate::edge::Edge;
use crate::edge::context::RequestContext;
use crate::extract::body;
use crate::routes::endpoint::Endpoint;
use crate::{Problem, codes};

const HEADER: &str = "idempotency-key";
const MAX_LENGTH: usize = 255;
/// How often a claim is renewed: a third of what it lasts.
const RENEWAL: Duration = Duration::from_secs(20);

/// Runs `handle` unless the request's key says that it ran before.
pub(super) async fn once<F>(
    edge: &Edge,
    endpoint: &Endpoint,
    context: &Rc<RequestContext>,
    mut request: ServiceRequest,
    handle: impl FnOnce(ServiceRequest) -> F,
) -> Result<ServiceResponse, Error>
where
    F: Future<Output = Result<ServiceResponse, Error>>,
{
    let key = match key(request.headers()) {
        Ok(None) => return handle(request).await,
        Ok(Some(key)) => Key { scope: scope(endpoint, context), key },
        Err(problem) => return Ok(request.error_response(problem)),
    };
    let Some(store) = &edge.0.idempotency else {
        return Ok(
            request.error_response(Problem::internal("an operation is idempotent and nobody keeps answers"))
        );
    };
    let hash = match take_body(&mut request, endpoint.body_limit).await {
        Ok(body) => fingerprint(&request, &body),
        Err(problem) => return Ok(request.error_response(problem)),
    };
    match store.claim(&key, &hash).await {
        Ok(Claimed::Ours(claim)) => {
            let handling = store.note(&claim).along(handle(request));
            run(store, claim, handling).await
        }
        Ok(Claimed::Done(answer)) => Ok(answer::replay(answer, context, request)),
        Ok(Claimed::InFlight) => {
            let problem = Problem::new(&codes::IDEMPOTENCY_IN_FLIGHT).retry_after(Duration::from_secs(1));
            Ok(request.error_response(problem))
        }
        Ok(Claimed::Lost) => Ok(request.error_response(Problem::new(&codes::IDEMPOTENCY_NO_REPLAY))),
        Ok(Claimed::Other) => Ok(request.error_response(Problem::new(&codes::IDEMPOTENCY_KEY_REUSED))),
        Err(error) => Ok(request.error_response(Problem::from(error))),
    }
}

async fn run(
    store: &IdempotencyStore,
    mut claim: Claim,
    handling: impl Future<Output = Result<ServiceResponse, Error>>,
) -> Result<ServiceResponse, Error> {
    let mut handling = std::pin::pin!(handling);
    let response = loop {
        tokio::select! {
            biased;
            response = &mut handling => break response?,
            () = tokio::time::sleep(RENEWAL) => store.renew(&mut claim).await,
        }
    };
    let (response, kept) = answer::keep(response);
    match kept {
        Some(answer) => store.finish(&claim, answer).await,
        None => store.release(&claim).await,
    }
    Ok(response)
}

/// The key of a request, if it has one.
fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let invalid = || Problem::new(&codes::IDEMPOTENCY_KEY_INVALID);
    let mut values = headers.get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| invalid())?;
    let fits =
        (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if fits && values.next().is_none() { Ok(Some(text.to_owned())) } else { Err(invalid()) }
}

/// Whose key it is: two callers may use the same one for different things.
fn scope(endpoint: &Endpoint, context: &RequestContext) -> String {
    let caller = match (context.principal.get(), context.client) {
        (Some(principal), _) => principal.user_id.to_string(),
        (None, Some(address)) => bucket(address),
        (None, None) => "unknown".to_owned(),
    };
    let workspace = context.membership.get().map(|membership| membership.workspace_id.to_string());
    format!("{caller} {} {}", workspace.as_deref().unwrap_or("-"), endpoint.name)
}

/// Reads the body, and puts it back for the handler.
async fn take_body(request: &mut ServiceRequest, limit: usize) -> Result<Bytes, Problem> {
    let body = body::read(request.take_payload(), limit).await?;
    request.set_payload(Payload::from(body.clone()));
    Ok(body)
}

/// What must be the same for a request to be the same.
fn fingerprint(request: &ServiceRequest, body: &[u8]) -> Vec<u8> {
    let mut hash = Context::new(&SHA256);
    for part in [request.path().as_bytes(), request.query_string().as_bytes(), body] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finish().as_ref().to_vec()
}
