//! Who is let in (invariants 5 and 6).

use reqwest::Method;
use witan_ids::{UserId, WorkspaceId};
use witan_testkit::{TestService, tokens};

use crate::probe::Probe;

const ME: &str = "/api/v1/me";
const READ: &str = "/api/v1/read";

#[tokio::test]
async fn without_a_token_nobody_gets_in_and_the_body_is_not_even_looked_at() {
    let service = TestService::<Probe>::start().await;
    let answer = service.anon().get(ME).await.expect_problem(401, "access.token_missing");
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"witan\"");
    let anon = service.anon();
    let garbage =
        anon.request(Method::POST, "/api/v1/make").body("not json").header("content-type", "text/plain");
    anon.send(garbage).await.expect_problem(401, "access.token_missing");
    let basic = anon.request(Method::GET, ME).header("authorization", "Basic dTpw");
    anon.send(basic).await.expect_problem(401, "access.token_missing");
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_401_and_says_why() {
    let service = TestService::<Probe>::start().await;
    let answer = service.anon().with_token("x.y.z").get(ME).await.expect_problem(401, "access.token_invalid");
    assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"witan\", error=\"invalid_token\""));
    let user = UserId::generate(service.clock());
    let mut claims = tokens::claims("probe", user, None, service.clock());
    claims.exp = claims.iat - 1;
    let expired = service.anon().with_token(tokens::sign(&claims));
    expired.get(ME).await.expect_problem(401, "access.token_expired");
    let elsewhere = tokens::claims("chat", user, None, service.clock());
    let elsewhere = service.anon().with_token(tokens::sign(&elsewhere));
    elsewhere.get(ME).await.expect_problem(401, "access.token_invalid");
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let service = TestService::<Probe>::start().await;
    let member = service.member();
    let twice = member.request(Method::GET, ME).header("authorization", "Bearer other");
    member.send(twice).await.expect_problem(400, "request.header_invalid");
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let service = TestService::<Probe>::start().await;
    let claims = tokens::claims("probe", UserId::generate(service.clock()), None, service.clock());
    let anon = service.anon();
    let request =
        anon.request(Method::GET, ME).header("authorization", format!("bEARER {}", tokens::sign(&claims)));
    let _ = anon.send(request).await.expect(200);
}

#[tokio::test]
async fn the_header_selects_a_workspace_and_the_token_names_the_usual_one() {
    let service = TestService::<Probe>::start().await;
    let user = UserId::generate(service.clock());
    let (first, second) = (WorkspaceId::generate(service.clock()), WorkspaceId::generate(service.clock()));
    service.peers().member(user, first);
    service.peers().admin(user, second);
    let person = service.person(user, Some(first));
    let answer = person.get(READ).await.expect(200);
    assert_eq!(
        (answer.text_at("/workspaceId"), answer.text_at("/role")),
        (first.to_string(), "MEMBER".to_owned())
    );
    let answer = person.in_workspace(second).get(READ).await.expect(200);
    assert_eq!(
        (answer.text_at("/workspaceId"), answer.text_at("/role")),
        (second.to_string(), "ADMIN".to_owned())
    );
}

#[tokio::test]
async fn a_foreign_workspace_is_not_there() {
    let service = TestService::<Probe>::start().await;
    let theirs = service.other_workspace().workspace();
    for workspace in [theirs, WorkspaceId::generate(service.clock())] {
        let intruder = service.member().in_workspace(workspace);
        let answer = intruder.get(READ).await.expect_problem(404, "access.workspace_not_found");
        assert!(!answer.text.contains(&workspace.to_string()));
        let path = format!("/api/v1/workspaces/{workspace}/manage");
        let intruder = service.admin().in_no_workspace();
        intruder.post(&path, ()).await.expect_problem(404, "access.workspace_not_found");
    }
    let lost = service.person(UserId::generate(service.clock()), None);
    lost.get(READ).await.expect_problem(404, "access.no_workspace");
}

#[tokio::test]
async fn a_header_that_is_no_workspace_is_400() {
    let service = TestService::<Probe>::start().await;
    let person = service.member().in_no_workspace();
    let request =
        person.request(Method::GET, READ).header("X-Workspace-Id", "usr_01h455vb4pex5vsknk084sn02q");
    person.send(request).await.expect_problem(400, "request.header_invalid");
}

#[tokio::test]
async fn who_lacks_the_permission_is_told_which() {
    let service = TestService::<Probe>::start().await;
    let path = format!("/api/v1/workspaces/{}/manage", service.workspace);
    let answer = service.member().post(&path, ()).await.expect_problem(403, "access.permission_denied");
    assert!(answer.text_at("/detail").contains("members:manage"));
    let _ = service.admin().post(&path, ()).await.expect(200);
    let _ = service.admin().in_no_workspace().post(&path, ()).await.expect(200);
}

#[tokio::test]
async fn path_and_header_must_name_the_same_workspace() {
    let service = TestService::<Probe>::start().await;
    let path = format!("/api/v1/workspaces/{}/manage", service.workspace);
    let admin = service.admin().in_workspace(WorkspaceId::generate(service.clock()));
    admin.post(&path, ()).await.expect_problem(400, "request.header_invalid");
    let admin = service.admin().in_no_workspace();
    admin.post("/api/v1/workspaces/x/manage", ()).await.expect_problem(404, "access.workspace_not_found");
}

#[tokio::test]
async fn a_session_that_was_ended_is_out_though_its_token_still_runs() {
    let service = TestService::<Probe>::start().await;
    let user = UserId::generate(service.clock());
    let claims = tokens::claims("probe", user, None, service.clock());
    let person = service.anon().with_token(tokens::sign(&claims));
    let _ = person.get(ME).await.expect(200);
    let until = claims_end(&claims);
    service.running().context().access.revocations().revoke(claims.sid, until);
    person.get(ME).await.expect_problem(401, "access.session_ended");
}

fn claims_end(claims: &witan_access::Claims) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(claims.exp, 0).unwrap()
}

#[tokio::test]
async fn internal_operations_know_services_alone() {
    let service = TestService::<Probe>::start().await;
    let path = "/internal/inside";
    assert_eq!(service.internal("chat").get(path).await.expect(200).json["caller"], "chat");
    service.internal_anon().get(path).await.expect_problem(401, "access.token_missing");
    let claims = tokens::claims("probe", UserId::generate(service.clock()), None, service.clock());
    let person = service.internal_anon().with_token(tokens::sign(&claims));
    person.get(path).await.expect_problem(401, "access.token_invalid");
    service.anon().get(path).await.expect_problem(404, "request.route_not_found");
}

#[tokio::test]
async fn while_nobody_knows_who_belongs_where_it_is_503() {
    let service = TestService::<Probe>::start().await;
    let member = service.member();
    service.peers().set_away(true);
    let answer = member.get(READ).await.expect_problem(503, "dependency.unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}
