//! Somebody always runs a workspace, whatever is asked for at the same time.

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_events::contracts::auth::v1::{UserDeactivated, UserReactivated};
use witan_tenancy::Tenancy;
use witan_testkit::{Answer, Client, TestService, eventually};

use crate::member_changes::path_of;
use crate::{join, settle};

const LAST: &str = "tenancy.last_admin";

/// The ways to stop being an administrator.
#[derive(Debug, Clone, Copy)]
enum Way {
    Demote,
    Deactivate,
    Remove,
    Leave,
}

const WAYS: [Way; 4] = [Way::Demote, Way::Deactivate, Way::Remove, Way::Leave];

/// `by` has `whom` stop; who leaves does so themselves.
async fn stop(way: Way, by: &Client, whom: &Client) -> Answer {
    let path = path_of(by, whom);
    match way {
        Way::Demote => by.patch(&path, json!({ "role": "MEMBER" })).await,
        Way::Deactivate => by.post(&format!("{path}/deactivate"), ()).await,
        Way::Remove => by.delete(&path).await,
        Way::Leave => whom.post(&format!("/api/v1/workspaces/{}/leave", whom.workspace()), ()).await,
    }
}

async fn announce_closing(service: &TestService<Tenancy>, person: &Client) -> Value {
    let path = format!("/internal/users/{}/administered", person.user.unwrap());
    service.internal("auth").post(&path, ()).await.expect(200).json
}

async fn admins(service: &TestService<Tenancy>, person: &Client) -> i64 {
    let database = service.database().superuser().await.unwrap();
    let query = "SELECT count(*) FROM tenancy.members WHERE workspace_id = $1::text::uuid AND role = 'ADMIN' AND acts";
    database.query_one(query, &[&person.workspace().uuid().to_string()]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_one_stays_by_every_way() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    join(&service, ada.workspace(), "Away", ("ADMIN", "INACTIVE")).await;
    join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    for way in WAYS {
        stop(way, &ada, &ada).await.expect_problem(409, LAST);
        assert_eq!(admins(&service, &ada).await, 1, "{way:?}");
    }
    ada.patch(&path_of(&ada, &ada), json!({ "role": "ADMIN" })).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_account_is_closed_runs_nothing() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("ADMIN", "ACTIVE")).await;
    let user_id = bob.user.unwrap().to_string();
    let closed = UserDeactivated { user_id: user_id.clone(), suspended: true };
    service.tell(None, &user_id, &closed).await;
    eventually("Bob is away", async || admins(&service, &ada).await == 1).await;
    for way in WAYS {
        stop(way, &ada, &ada).await.expect_problem(409, LAST);
    }
    // Whoever runs nothing can be taken out.
    ada.post(&format!("{}/deactivate", path_of(&ada, &bob)), ()).await.expect(200);
    ada.post(&format!("{}/activate", path_of(&ada, &bob)), ()).await.expect(200);
    service.tell(None, &user_id, &UserReactivated { user_id: user_id.clone() }).await;
    eventually("Bob is back", async || admins(&service, &ada).await == 2).await;
    stop(Way::Leave, &ada, &ada).await.expect(204);
}

/// Two and three of them, and fifty calls at once by which each one would stop.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_leave_one() {
    let service = TestService::<Tenancy>::start().await;
    for (round, count) in [2_usize, 3, 2, 3].into_iter().enumerate() {
        let ada = settle(&service, &format!("Ada {round}")).await;
        let mut all = vec![ada.clone()];
        for number in 1..count {
            let name = format!("Admin {round} {number}");
            all.push(join(&service, ada.workspace(), &name, ("ADMIN", "ACTIVE")).await);
        }
        let calls = (0..50).map(|number| {
            let (by, whom) = (&all[number % count], &all[(number / count + round) % count]);
            stop(WAYS[(number / 7) % 4], by, whom)
        });
        let answers = join_all(calls).await;
        let done = answers.iter().filter(|answer| answer.status.is_success()).count();
        assert!(done >= 1, "somebody could have gone");
        for answer in answers {
            assert!(matches!(answer.status.as_u16(), 200 | 204 | 403 | 404 | 409), "{}", answer.text);
        }
        assert_eq!(admins(&service, &ada).await, 1, "round {round}");
    }
}

/// The hardest case: each wishes it for themselves only, so nothing but the rule stops the last one.
#[tokio::test(flavor = "multi_thread")]
async fn of_all_who_leave_at_once_one_stays() {
    let service = TestService::<Tenancy>::start().await;
    for (round, way) in WAYS.into_iter().chain([Way::Leave, Way::Demote]).enumerate() {
        let ada = settle(&service, &format!("Ada {round}")).await;
        let bob = join(&service, ada.workspace(), &format!("Bob {round}"), ("ADMIN", "ACTIVE")).await;
        let answers = futures_util::future::join(stop(way, &ada, &ada), stop(way, &bob, &bob)).await;
        let statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        assert!(statuses.contains(&409), "{way:?}: {statuses:?}");
        assert!(statuses.iter().any(|status| *status < 300), "{way:?}: {statuses:?}");
        assert_eq!(admins(&service, &ada).await, 1, "{way:?}");
    }
}

/// Auth asks who else runs the workspaces, and then closes the account: until tenancy has heard of that, nobody whom
/// the answer named slips away.
#[tokio::test(flavor = "multi_thread")]
async fn whom_a_closing_relies_on_stays() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("ADMIN", "ACTIVE")).await;
    let named = json!([{"workspaceId": ada.workspace(), "admins": [bob.user.unwrap()]}]);
    assert_eq!(announce_closing(&service, &ada).await, named);
    for way in WAYS {
        stop(way, &bob, &bob).await.expect_problem(409, LAST);
        stop(way, &ada, &bob).await.expect_problem(409, LAST);
    }
    // Of two who close their accounts, the second one is told that nobody would be left.
    let alone = json!([{"workspaceId": ada.workspace(), "admins": []}]);
    assert_eq!(announce_closing(&service, &bob).await, alone);
    // Asking once more changes nothing.
    assert_eq!(announce_closing(&service, &ada).await, named);
    let user_id = ada.user.unwrap().to_string();
    service.tell(None, &user_id, &UserDeactivated { user_id: user_id.clone(), suspended: false }).await;
    eventually("Ada is away", async || admins(&service, &ada).await == 1).await;
    stop(Way::Leave, &bob, &bob).await.expect_problem(409, LAST);
    service.tell(None, &user_id, &UserReactivated { user_id: user_id.clone() }).await;
    eventually("Ada is back", async || admins(&service, &ada).await == 2).await;
    stop(Way::Leave, &bob, &bob).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_that_came_to_nothing_binds_nobody_for_long() {
    let time = witan_clock::ManualClock::at("2026-11-21T12:00:00Z".parse().unwrap());
    let service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("ADMIN", "ACTIVE")).await;
    announce_closing(&service, &ada).await;
    stop(Way::Demote, &bob, &bob).await.expect_problem(409, LAST);
    time.advance(std::time::Duration::from_secs(15 * 60));
    let bob = service.person(bob.user.unwrap(), None).in_workspace(bob.workspace());
    stop(Way::Demote, &bob, &bob).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_and_a_leaving_at_once_do_not_both_succeed() {
    let service = TestService::<Tenancy>::start().await;
    for round in 0..12 {
        let ada = settle(&service, &format!("Ada {round}")).await;
        let bob = join(&service, ada.workspace(), &format!("Bob {round}"), ("ADMIN", "ACTIVE")).await;
        join(&service, ada.workspace(), &format!("Eve {round}"), ("MEMBER", "ACTIVE")).await;
        let both = (announce_closing(&service, &ada), stop(WAYS[round % 4], &bob, &bob));
        let (closing, leaving) = futures_util::future::join(both.0, both.1).await;
        let may_close = closing[0]["admins"] != json!([]);
        assert_eq!(may_close, leaving.status == 409, "{closing} and {}", leaving.text);
    }
}
