//! The other services' internal APIs, as far as the service under test asks them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;
use witan_access::permission::{ADMIN, MEMBER};
use witan_access::{
    ApiKeyRecord, FeatureFlag, InternalKey, Membership, OutsideTokenVerdict, Permission, api_key,
    service_token,
};
use witan_clock::Clock;
use witan_ids::{ApiKeyId, ProjectId, SessionId, UserId, WorkspaceId};

use crate::tokens;

#[derive(Default)]
struct Known {
    memberships: HashMap<(UserId, WorkspaceId), Membership>,
    default_workspaces: HashMap<UserId, WorkspaceId>,
    revoked: Vec<Value>,
    /// What auth says of API keys, by the digest of the key.
    api_keys: HashMap<String, ApiKeyRecord>,
    /// Issuers that auth trusts.
    issuers: Vec<String>,
    /// What auth says of tokens of theirs.
    outside_tokens: HashMap<String, OutsideTokenVerdict>,
    entitlements: HashMap<WorkspaceId, Value>,
    /// Amounts by reference, of a workspace's metric.
    reserved: HashMap<(String, String), HashMap<String, i64>>,
    /// Answers by method and path, before all others.
    answers: HashMap<(String, String), (u16, Value)>,
    asked: Vec<Asked>,
    away: bool,
    /// What services hold of people and of workspaces.
    held: HashMap<(String, String), Vec<Value>>,
    projects: HashSet<(WorkspaceId, ProjectId)>,
    /// What tenancy says of features.
    feature_flags: Vec<FeatureFlag>,
    /// Services that do not answer.
    silent: HashSet<String>,
    /// Services that break off when they have told everything but the end.
    broken: HashSet<String>,
}

/// A question that the service under test asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method and the path with its query.
    pub request: String,
    /// The body, where it was JSON.
    pub body: Value,
    /// Which service the token belonged to.
    pub caller: String,
    /// Which service it asked.
    pub service: String,
}

/// Fakes of all other services behind one address; they insist on service tokens as the real ones do.
pub struct FakePeers {
    url: Url,
    state: Arc<State>,
    server: ServerHandle,
}

struct State {
    known: Mutex<Known>,
    key: InternalKey,
    clock: Clock,
}

impl FakePeers {
    pub(crate) async fn start(key: InternalKey, clock: Clock) -> Result<Self> {
        let state = Arc::new(State { known: Mutex::default(), key, clock });
        let data = web::Data::from(Arc::clone(&state));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(answer)))
                .workers(1)
                .disable_signals()
                .bind("127.0.0.1:0")?;
        let url = Url::parse(&format!("http://{}/", server.addrs()[0]))?;
        let running = server.run();
        let handle = running.handle();
        #[expect(clippy::disallowed_methods, reason = "stopped when the fakes are dropped")]
        tokio::spawn(running);
        Ok(Self { url, state, server: handle })
    }

    /// Where they listen.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Makes the user an ADMIN of the workspace.
    pub fn admin(&self, user: UserId, workspace: WorkspaceId) {
        self.join(user, workspace, "ADMIN", ADMIN);
    }

    /// Makes the user a MEMBER of the workspace.
    pub fn member(&self, user: UserId, workspace: WorkspaceId) {
        self.join(user, workspace, "MEMBER", MEMBER);
    }

    /// Makes the user a member with a role of one's own choice. The first workspace is the default one.
    pub fn join(&self, user: UserId, workspace: WorkspaceId, role: &str, permissions: &[Permission]) {
        let membership = Membership {
            workspace_id: workspace,
            user_id: user,
            role: role.to_owned(),
            permissions: permissions.iter().map(|p| p.as_str().to_owned()).collect(),
            active: true,
            second_factor_required: false,
            deletion_pending: false,
        };
        let mut known = self.known();
        known.default_workspaces.entry(user).or_insert(workspace);
        known.memberships.insert((user, workspace), membership);
    }

    /// Has the workspace ask its members for a second factor. What the service has cached stays until an event says
    /// otherwise.
    pub fn require_second_factor(&self, workspace: WorkspaceId) {
        let mut known = self.known();
        let members = known.memberships.iter_mut().filter(|((_, place), _)| *place == workspace);
        members.for_each(|(_, membership)| membership.second_factor_required = true);
    }

    /// Has the workspace await its deletion, or not any longer. What the service has cached stays until an event says
    /// otherwise.
    pub fn await_deletion(&self, workspace: WorkspaceId, pending: bool) {
        let mut known = self.known();
        let members = known.memberships.iter_mut().filter(|((_, place), _)| *place == workspace);
        members.for_each(|(_, membership)| membership.deletion_pending = pending);
    }

    /// What a service says that it holds of a workspace; without it, nothing.
    pub fn hold_of_workspace(
        &self,
        service: &str,
        workspace: WorkspaceId,
        lines: impl IntoIterator<Item = Value>,
    ) {
        let key = (service.to_owned(), workspace.to_string());
        self.known().held.entry(key).or_default().extend(lines);
    }

    /// Makes a project of the workspace, which tenancy knows.
    pub fn project(&self, workspace: WorkspaceId, project: ProjectId) {
        self.known().projects.insert((workspace, project));
    }

    /// Takes the user out of the workspace. What the service has cached stays until an event says otherwise.
    pub fn leave(&self, user: UserId, workspace: WorkspaceId) {
        self.known().memberships.remove(&(user, workspace));
    }

    /// Adds a session to those that auth calls revoked.
    pub fn revoke(&self, session: SessionId) {
        let until = self.state.clock.now() + chrono::TimeDelta::minutes(15);
        self.known().revoked.push(json!({"sessionId": session, "accessExpiresAt": until}));
    }

    /// Makes an API key that auth knows. Where the record names a workspace, the key is that workspace's.
    pub fn api_key(&self, record: ApiKeyRecord) -> String {
        let (key, proof) = api_key::generate(&self.state.clock);
        self.known().api_keys.insert(proof.digest_text(), record);
        key
    }

    /// Makes auth forget an API key. What the service has cached stays until an event says otherwise.
    pub fn forget_api_key(&self, key: ApiKeyId) {
        self.known().api_keys.retain(|_, record| record.key_id != key);
    }

    /// Has auth trust an issuer.
    pub fn trust(&self, issuer: &str) {
        self.known().issuers.push(issuer.to_owned());
    }

    /// What auth says of a token of an issuer that it trusts; it refuses the others.
    pub fn outside_token(&self, token: &str, verdict: OutsideTokenVerdict) {
        self.known().outside_tokens.insert(token.to_owned(), verdict);
    }

    /// What tenancy says of features. What the service knows stays until an event says otherwise.
    pub fn set_feature_flags(&self, flags: Vec<FeatureFlag>) {
        self.known().feature_flags = flags;
    }

    /// What billing says the workspace may do; without it, everything.
    pub fn entitle(&self, workspace: WorkspaceId, entitlements: impl Serialize) {
        let value = serde_json::to_value(entitlements).expect("entitlements as JSON");
        self.known().entitlements.insert(workspace, value);
    }

    /// Answers a method and a path (without query) like this from now on, before everything else.
    pub fn answer(&self, method: &str, path: &str, status: u16, body: Value) {
        self.known().answers.insert((method.to_owned(), path.to_owned()), (status, body));
    }

    /// Answers everything with 503 while they are away.
    pub fn set_away(&self, away: bool) {
        self.known().away = away;
    }

    /// What a service says that it holds of a person; without it, nothing.
    pub fn hold(&self, service: &str, user: UserId, lines: impl IntoIterator<Item = Value>) {
        self.known().held.entry((service.to_owned(), user.to_string())).or_default().extend(lines);
    }

    /// Answers what is asked of this service with 503 while it is away.
    pub fn set_service_away(&self, service: &str, away: bool) {
        let silent = &mut self.known().silent;
        if away {
            silent.insert(service.to_owned())
        } else {
            silent.remove(service)
        };
    }

    /// Has a service break the connection off where it would end what it holds of somebody.
    pub fn break_off(&self, service: &str) {
        self.known().broken.insert(service.to_owned());
    }

    /// Everything asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.known().asked.clone()
    }

    /// How much of a metric the workspace has reserved.
    #[must_use]
    pub fn reserved(&self, workspace: WorkspaceId, metric: &str) -> i64 {
        let part = (workspace.to_string(), metric.to_owned());
        self.known().reserved.get(&part).into_iter().flat_map(HashMap::values).sum()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.state.known()
    }
}

impl Drop for FakePeers {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl State {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calling service and the one that it asks, when its token holds for any of the peers.
    fn caller(&self, request: &HttpRequest) -> Option<(String, &'static str)> {
        let header = request.headers().get("authorization")?.to_str().ok()?;
        let token = header.strip_prefix("Bearer ")?;
        let peers = ["auth", "tenancy", "chat", "council", "webhooks", "billing"];
        peers.into_iter().find_map(|audience| {
            let caller = service_token::verify(&self.key, token, audience, &self.clock).ok()?;
            Some((caller, audience))
        })
    }
}

async fn answer(request: HttpRequest, body: web::Bytes, state: web::Data<State>) -> HttpResponse {
    let Some((caller, service)) = state.caller(&request) else {
        return problem(401, "authentication.service_token_required");
    };
    let mut known = state.known();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let asked = format!("{} {}", request.method(), request.uri());
    known.asked.push(Asked { request: asked, body: body.clone(), caller, service: service.to_owned() });
    if known.away || known.silent.contains(service) {
        return problem(503, "system.unavailable");
    }
    let key = (request.method().to_string(), request.path().to_owned());
    if let Some((status, body)) = known.answers.get(&key) {
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return HttpResponse::build(status).json(body);
    }
    match request.path() {
        "/internal/jwks" => HttpResponse::Ok().json(tokens::jwks()),
        "/internal/revocations" => HttpResponse::Ok().json(&known.revoked),
        "/internal/api-keys" => api_key(&request, &known),
        "/internal/issuers" => HttpResponse::Ok().json(&known.issuers),
        "/internal/outside-tokens" => outside_token(&body, &known),
        "/internal/feature-flags" => HttpResponse::Ok().json(&known.feature_flags),
        "/internal/memberships" => membership(&request, &known),
        "/internal/reservations" => reserve(&body, &mut known),
        "/internal/reservations/release" => release(&body, &mut known),
        path => match path.strip_prefix("/internal/entitlements/").and_then(|id| id.parse().ok()) {
            Some(workspace) => entitlements(workspace, &known),
            None if path.ends_with("/administered") => administered(path, &known),
            None if path.ends_with("/admins") => admins(path, &known),
            None if path.ends_with("/held") => held(path, service, &known),
            None if path.starts_with("/internal/projects/") => project(&request, &known),
            None => problem(404, "resource.not_found"),
        },
    }
}

fn api_key(request: &HttpRequest, known: &Known) -> HttpResponse {
    let query: HashMap<String, String> =
        web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let record = query.get("digest").and_then(|digest| known.api_keys.get(digest));
    record.map_or_else(|| problem(404, "resource.not_found"), |record| HttpResponse::Ok().json(record))
}

fn outside_token(body: &Value, known: &Known) -> HttpResponse {
    let verdict = body["token"].as_str().and_then(|token| known.outside_tokens.get(token));
    HttpResponse::Ok().json(verdict.unwrap_or(&OutsideTokenVerdict::Refused))
}

fn membership(request: &HttpRequest, known: &Known) -> HttpResponse {
    let query: HashMap<String, String> =
        web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let user = query.get("userId").and_then(|id| id.parse::<UserId>().ok());
    let asked = query.get("workspaceId").and_then(|id| id.parse::<WorkspaceId>().ok());
    let found = user.and_then(|user| {
        let workspace = asked.or_else(|| known.default_workspaces.get(&user).copied())?;
        known.memberships.get(&(user, workspace))
    });
    found.map_or_else(|| problem(404, "resource.not_found"), |membership| HttpResponse::Ok().json(membership))
}

/// As tenancy does it: where the person is ADMIN and somebody else is anything.
fn administered(path: &str, known: &Known) -> HttpResponse {
    let user = path.split('/').nth(3).and_then(|id| id.parse::<UserId>().ok());
    let others = |workspace: &WorkspaceId| -> Vec<&Membership> {
        let here = known.memberships.values().filter(|one| one.workspace_id == *workspace && one.active);
        here.filter(|one| Some(one.user_id) != user).collect()
    };
    let own = known.memberships.values().filter(|one| Some(one.user_id) == user && one.role == "ADMIN");
    let found: Vec<Value> = own
        .map(|own| (own.workspace_id, others(&own.workspace_id)))
        .filter(|(_, others)| !others.is_empty())
        .map(|(workspace, others)| {
            let admins = others.iter().filter(|one| one.role == "ADMIN").map(|one| one.user_id);
            json!({"workspaceId": workspace, "admins": admins.collect::<Vec<_>>()})
        })
        .collect();
    HttpResponse::Ok().json(found)
}

fn admins(path: &str, known: &Known) -> HttpResponse {
    let workspace = path.split('/').nth(3).and_then(|id| id.parse::<WorkspaceId>().ok());
    let here = known.memberships.values().filter(|one| Some(one.workspace_id) == workspace && one.active);
    let admins: Vec<UserId> = here.filter(|one| one.role == "ADMIN").map(|one| one.user_id).collect();
    HttpResponse::Ok().json(admins)
}

fn project(request: &HttpRequest, known: &Known) -> HttpResponse {
    let query: HashMap<String, String> =
        web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default();
    let workspace = query.get("workspaceId").and_then(|id| id.parse::<WorkspaceId>().ok());
    let project = request.path().split('/').nth(3).and_then(|id| id.parse::<ProjectId>().ok());
    match workspace.zip(project).filter(|found| known.projects.contains(found)) {
        Some((_, id)) => HttpResponse::Ok().json(json!({"id": id, "name": "A project", "archived": false})),
        None => problem(404, "resource.not_found"),
    }
}

/// As every service that holds something of people or workspaces does it.
fn held(path: &str, service: &str, known: &Known) -> HttpResponse {
    let of_whom = path.split('/').nth(3).unwrap_or_default();
    let told = known.held.get(&(service.to_owned(), of_whom.to_owned()));
    let text: String = told.into_iter().flatten().map(|line| format!("{line}\n")).collect();
    let end = known.broken.contains(service).then(|| Err(std::io::Error::other("breaks off")));
    let chunks = futures_util::stream::iter([Ok(web::Bytes::from(text))].into_iter().chain(end));
    HttpResponse::Ok().content_type("application/x-ndjson").streaming(chunks)
}

fn entitlements(workspace: WorkspaceId, known: &Known) -> HttpResponse {
    let unlimited = json!({"plan": "pro", "limits": [], "features": []});
    HttpResponse::Ok().json(known.entitlements.get(&workspace).unwrap_or(&unlimited))
}

/// As billing does it: within the limits of the workspace's entitlements, once for one reference.
fn reserve(wish: &Value, known: &mut Known) -> HttpResponse {
    let text = |name: &str| wish[name].as_str().unwrap_or_default().to_owned();
    let (workspace, metric, reference) = (text("workspaceId"), text("metric"), text("reference"));
    let amount = wish["amount"].as_i64().unwrap_or_default();
    let Known { entitlements, reserved, .. } = known;
    let entitled = workspace.parse().ok().and_then(|id: WorkspaceId| entitlements.get(&id));
    let states = entitled.and_then(|entitled| entitled["limits"].as_array());
    let state = states.into_iter().flatten().find(|state| state["metric"] == metric.as_str());
    let limit = state.and_then(|state| state["limit"].as_i64());
    let part = (workspace, metric);
    let reserved = reserved.entry(part).or_default();
    if !reserved.contains_key(&reference)
        && let (Some(state), Some(limit)) = (state, limit)
    {
        let used = state["used"].as_i64().unwrap_or_default() + reserved.values().sum::<i64>();
        if used + amount > limit {
            let plan = entitled.map(|entitled| &entitled["plan"]);
            return HttpResponse::Ok().json(json!({
                "outcome": "LIMIT_REACHED", "metric": state["metric"], "limit": limit, "used": used,
                "resetsAt": state["resetsAt"], "plan": plan,
            }));
        }
    }
    reserved.insert(reference, amount);
    HttpResponse::Ok().json(json!({"outcome": "RESERVED"}))
}

fn release(wish: &Value, known: &mut Known) -> HttpResponse {
    let reference = wish["reference"].as_str().unwrap_or_default();
    for reserved in known.reserved.values_mut() {
        reserved.remove(reference);
    }
    HttpResponse::Ok().json(json!({}))
}

fn problem(status: u16, code: &str) -> HttpResponse {
    let body = json!({"type": "about:blank", "title": code, "status": status, "code": code});
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        .content_type("application/problem+json")
        .body(body.to_string())
}
