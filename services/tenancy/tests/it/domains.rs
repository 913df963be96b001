//! E-mail domains, proved by the DNS, by which people may join.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_events::contracts::auth::v1::UserEmailChanged;
use witan_ids::{DomainId, WorkspaceId};
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually};

use crate::dns::DnsServer;
use crate::invitations::{DAY, again, start, time};
use crate::{join, settle};

const RESOLVE: &str = "/api/v1/workspaces/resolve";

async fn start_with_dns(time: &ManualClock) -> (TestService<Tenancy>, DnsServer) {
    let dns = DnsServer::start().await;
    let service = start(time, &[("TENANCY_DNS_SERVERS", &dns.address.to_string())]).await;
    (service, dns)
}

fn list_of(person: &Client) -> String {
    format!("/api/v1/workspaces/{}/domains", person.workspace())
}

/// A claim: its path, the name of its record and what that must say.
async fn claim(person: &Client, domain: &str) -> (String, String, String) {
    let made = person.post(&list_of(person), json!({"domain": domain})).await.expect(201);
    (made.header("location").to_owned(), made.text_at("/record/name"), made.text_at("/record/value"))
}

/// A domain that is proved and by which people may join.
pub(crate) async fn open(dns: &DnsServer, person: &Client, domain: &str) -> (String, String, String) {
    let (path, name, value) = claim(person, domain).await;
    dns.say(&name, &["v=spf1 -all", &value]);
    person.post(&format!("{path}/verify"), ()).await.expect(200);
    person.patch(&path, json!({"joining": true})).await.expect(200);
    (path, name, value)
}

fn join_path(workspace: WorkspaceId) -> String {
    format!("/api/v1/workspaces/{workspace}/join-by-domain")
}

async fn resolved(person: &Client) -> Value {
    person.post(RESOLVE, ()).await.expect(200).json["workspace"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_is_asked_and_not_moved() {
    let (service, dns) = start_with_dns(&time()).await;
    let ada = settle(&service, "Ada").await;
    let mut events = service.events().await;
    let (path, name, value) = claim(&ada, "EXAMPLE.org").await;
    assert_eq!(name, "_witan-challenge.example.org");
    assert_eq!(events.next_of("domain.claimed").await.data["domain"], "example.org");
    let joan = settle(&service, "Joan").await.in_no_workspace();
    ada.post(&format!("{path}/verify"), ()).await.expect_problem(422, "tenancy.domain_unproved");
    dns.say(&name, &["witan-verification=another", &value[..value.len() - 1], &format!("{value}x")]);
    ada.post(&format!("{path}/verify"), ()).await.expect_problem(422, "tenancy.domain_unproved");
    ada.patch(&path, json!({"joining": true})).await.expect_problem(422, "tenancy.domain_unproved");
    dns.say(&name, &["v=spf1 -all", &value]);
    for _ in 0..2 {
        let proved = ada.post(&format!("{path}/verify"), ()).await.expect(200);
        assert_eq!((proved.text_at("/status"), &proved.json["joining"]), ("VERIFIED".into(), &json!(false)));
    }
    assert_eq!(events.next_of("domain.verified").await.data["domain"], "example.org");
    assert_eq!(resolved(&joan).await, Value::Null, "off until it is turned on");
    joan.post(&join_path(ada.workspace()), ()).await.expect_problem(404, "access.workspace_not_found");
    ada.patch(&path, json!({"joining": true})).await.expect(200);
    assert_eq!(events.next_of("domain.joining_changed").await.data["joining"], true);
    let offer = json!({"id": ada.workspace(), "name": "Ada's workspace", "member": false});
    assert_eq!(resolved(&joan).await, offer);
    assert_eq!(joan.get("/api/v1/workspaces").await.expect(200).json["data"].as_array().unwrap().len(), 1);
    let joined = joan.post(&join_path(ada.workspace()), ()).await.expect(200);
    assert_eq!(joined.text_at("/role"), "MEMBER");
    assert_eq!(events.next_of("member.added").await.data["userId"], json!(joan.user.unwrap()));
    joan.clone().in_workspace(ada.workspace()).get("/api/v1/startups").await.expect(200);
    joan.post(&join_path(ada.workspace()), ()).await.expect_problem(409, "tenancy.member_exists");
    assert_eq!(resolved(&joan).await["member"], true);
    ada.patch(&path, json!({"joining": false})).await.expect(200);
    assert_eq!(resolved(&settle(&service, "Eve").await).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_workspaces_whose_domain_it_is_not() {
    let (service, dns) = start_with_dns(&time()).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let away = join(&service, ada.workspace(), "Away", ("MEMBER", "INACTIVE")).await;
    open(&dns, &ada, "example.net").await;
    // Below or above the domain is another one.
    open(&dns, &ada, "mail.example.org").await;
    let nothing = WorkspaceId::generate(service.clock());
    assert_eq!(resolved(&grace).await, Value::Null);
    let stranger = grace.clone().in_no_workspace();
    let foreign = stranger.post(&join_path(ada.workspace()), ()).await.expect(404);
    let unknown = stranger.post(&join_path(nothing), ()).await.expect(404);
    assert_eq!(
        (&foreign.json["code"], &foreign.json["detail"]),
        (&unknown.json["code"], &unknown.json["detail"])
    );
    let nobody = service.person(witan_ids::UserId::generate(service.clock()), None);
    assert_eq!(resolved(&nobody).await, Value::Null);
    nobody.post(&join_path(ada.workspace()), ()).await.expect(404);
    service.anon().post(RESOLVE, ()).await.expect(401);
    // An address that is proved later counts from then on.
    let moved =
        UserEmailChanged { user_id: grace.user.unwrap().to_string(), email: "Grace@EXAMPLE.net".into() };
    service.tell(None, &moved.user_id.clone(), &moved).await;
    eventually("moved", async || resolved(&grace).await != Value::Null).await;

    open(&dns, &ada, "example.org").await;
    assert_eq!(resolved(&away).await, Value::Null, "who was deactivated is told no more than a stranger");
    let back = away.clone().in_no_workspace().post(&join_path(ada.workspace()), ()).await;
    back.expect_problem(403, "tenancy.member_inactive");

    let (path, ..) = claim(&ada, "example.com").await;
    let id = path.rsplit('/').next().unwrap();
    for asked in [id, &DomainId::generate(service.clock()).to_string()] {
        let path = format!("{}/{asked}", list_of(&grace));
        grace.get(&path).await.expect_problem(404, "resource.not_found");
        grace.delete(&path).await.expect_problem(404, "resource.not_found");
        grace.patch(&path, json!({"joining": false})).await.expect_problem(404, "resource.not_found");
        grace.post(&format!("{path}/verify"), ()).await.expect_problem(404, "resource.not_found");
    }
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    bob.get(&list_of(&ada)).await.expect_problem(403, "access.permission_denied");
    assert_eq!(grace.get(&list_of(&grace)).await.expect(200).json["data"], json!([]));
    let connection = service.database().app("tenancy").await.unwrap();
    assert!(connection.query("SELECT FROM domains", &[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_has_one_owner_also_when_all_prove_it_at_once() {
    let (service, dns) = start_with_dns(&time()).await;
    let mut claims = Vec::new();
    for name in ["Ada", "Grace", "Joan", "Eve"] {
        let person = settle(&service, name).await;
        let (path, name, value) = claim(&person, "example.org").await;
        claims.push((person, path, name, value));
    }
    let values: Vec<&str> = claims.iter().map(|(.., value)| value.as_str()).collect();
    dns.say(&claims[0].2, &values);
    let verify = async |claim: &(Client, String, String, String)| {
        claim.0.post(&format!("{}/verify", claim.1), ()).await
    };
    let all = join_all(claims.iter().map(verify)).await;
    let winner = all.iter().position(|answer| answer.status == 200).unwrap();
    for (_, answer) in all.into_iter().enumerate().filter(|(index, _)| *index != winner) {
        answer.expect_problem(409, "tenancy.domain_taken");
    }
    let loser = (winner + 1) % claims.len();
    claims[winner].0.delete(&claims[winner].1).await.expect(204);
    claims[winner].0.get(&claims[winner].1).await.expect(404);
    verify(&claims[loser]).await.expect(200);
    let again = json!({"domain": "Example.ORG"});
    let twice = claims[loser].0.post(&list_of(&claims[loser].0), &again).await;
    twice.expect_problem(409, "tenancy.domain_exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_all_is_refused() {
    let (service, _dns) = start_with_dns(&time()).await;
    let ada = settle(&service, "Ada").await;
    let list = list_of(&ada);
    for domain in ["gmail.com", "GMAIL.COM", "mail.web.de", "co.uk", "github.io", "corp.internal", "com.br"] {
        let answer = ada.post(&list, json!({"domain": domain})).await;
        let code = answer.text_at("/code");
        assert_eq!((answer.status.as_u16(), code.as_str()), (422, "tenancy.domain_public"), "{domain}");
    }
    for domain in ["", "localhost", "10.0.0.1", "a b.org", "ada@example.org"] {
        ada.post(&list, json!({"domain": domain})).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(ada.get(&list).await.expect(200).json["data"], json!([]));
    let made = ada.post(&list, json!({"domain": "BÜCHER.example.org"})).await.expect(201);
    assert_eq!(made.text_at("/domain"), "xn--bcher-kva.example.org");
    let body = json!({"domain": "xn--bcher-kva.EXAMPLE.org"});
    ada.post(&list, body).await.expect_problem(409, "tenancy.domain_exists");
}

/// One pass: the periodic job is asked each time that the service starts.
async fn pass(service: &mut TestService<Tenancy>, time: &ManualClock, later: Duration) {
    service.halt().await;
    time.advance(later);
    service.resume().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_gone_for_days_ends_it_and_a_silent_dns_does_not() {
    let time = time();
    let (mut service, dns) = start_with_dns(&time).await;
    let ada = settle(&service, "Ada").await;
    let (path, name, value) = open(&dns, &ada, "example.org").await;
    let shown =
        async |service: &TestService<Tenancy>| again(service, &ada).get(&path).await.expect(200).json.clone();
    let looks = dns.asked(&name);

    dns.set_broken(true);
    pass(&mut service, &time, 10 * DAY).await;
    eventually("a look", async || dns.asked(&name) > looks).await;
    dns.set_broken(false);
    pass(&mut service, &time, DAY).await;
    eventually("looked at", async || shown(&service).await["checkedAt"] == "2026-08-31T09:00:00Z").await;
    assert_eq!(shown(&service).await["failingSince"], Value::Null);

    dns.forget(&name);
    pass(&mut service, &time, DAY).await;
    eventually("missed", async || shown(&service).await["failingSince"] != Value::Null).await;
    dns.say(&name, &[&value]);
    pass(&mut service, &time, DAY).await;
    eventually("back", async || shown(&service).await["failingSince"] == Value::Null).await;

    dns.say(&name, &["v=spf1 -all"]);
    let mut events = service.events().await;
    for days in 0..3 {
        pass(&mut service, &time, DAY).await;
        let checked = time.clock().now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        eventually("looked at", async || shown(&service).await["checkedAt"] == checked.as_str()).await;
        assert_eq!(shown(&service).await["status"], "VERIFIED", "after {days} days");
    }
    let joan = settle(&service, "Joan").await;
    assert_ne!(resolved(&joan).await, Value::Null);
    pass(&mut service, &time, DAY).await;
    eventually("lost", async || shown(&service).await["status"] == "LOST").await;
    assert_eq!(shown(&service).await["joining"], false);
    assert_eq!(events.next_of("domain.lost").await.data["domain"], "example.org");
    assert_eq!(resolved(&again(&service, &joan)).await, Value::Null);
    // And it is free for who proves it.
    let grace = settle(&service, "Grace").await;
    open(&dns, &grace, "example.org").await;
    let ada = again(&service, &ada);
    dns.say(&name, &[&value]);
    ada.post(&format!("{path}/verify"), ()).await.expect_problem(409, "tenancy.domain_taken");
    let _ = name;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_dns_is_away_nobody_is_called_a_liar() {
    let (service, dns) = start_with_dns(&time()).await;
    let ada = settle(&service, "Ada").await;
    let (path, ..) = claim(&ada, "example.org").await;
    dns.set_broken(true);
    ada.post(&format!("{path}/verify"), ()).await.expect_problem(503, "dependency.unavailable");
    assert_eq!(ada.get(&path).await.expect(200).text_at("/status"), "PENDING");
}
