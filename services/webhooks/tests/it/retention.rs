//! How long messages are kept, and that they go by whole days.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::{Clock, ManualClock};
use witan_events::contracts::tenancy::v1::MemberAdded;
use witan_ids::{EventId, UserId};
use witan_testkit::{Client, Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What is old goes by the database's time, too: these services live in the past.
fn past() -> ManualClock {
    ManualClock::at(Clock::system().now() - DAY * 100)
}

async fn start(time: &ManualClock, schedule: &str) -> TestService<Webhooks> {
    TestService::start_with(|builder| builder.clock(time.clock()).env("WEBHOOKS_SCHEDULE", schedule)).await
}

async fn number(service: &TestService<Webhooks>, query: &str) -> i64 {
    service.database().superuser().await.unwrap().query_one(query, &[]).await.unwrap().get(0)
}

/// How many messages, deliveries and attempts there are.
async fn rows(service: &TestService<Webhooks>) -> [i64; 3] {
    let count = async |table| number(service, &format!("SELECT count(*) FROM webhooks.{table}")).await;
    [count("messages").await, count("deliveries").await, count("attempts").await]
}

/// Whether there are partitions of today, or of so many days ago.
async fn has_day(service: &TestService<Webhooks>, time: &ManualClock, ago: u32) -> bool {
    let day = (time.clock().now() - DAY * ago).format("%Y%m%d");
    let tables = format!(
        "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'
         AND relname IN ('messages_{day}', 'mentions_{day}', 'attempts_{day}')"
    );
    match number(service, &tables).await {
        0 => false,
        3 => true,
        some => panic!("{some} of the tables have the day"),
    }
}

/// As a night would pass, after which what is due is done.
async fn pass(service: &mut TestService<Webhooks>, time: &ManualClock, days: u32) {
    assert!(service.halt().await);
    time.advance(DAY * days);
    service.resume().await.unwrap();
    swept(service, time).await;
}

async fn swept(service: &TestService<Webhooks>, time: &ManualClock) {
    let now = time.clock().now();
    let done = format!(
        "SELECT count(*) FROM webhooks.periodic_jobs WHERE name = 'webhooks.retention' AND next_at > '{now}'"
    );
    eventually("the job was done", async || number(service, &done).await == 1).await;
    let told = "SELECT last_error FROM webhooks.periodic_jobs WHERE name = 'webhooks.retention'";
    let told = service.database().superuser().await.unwrap().query_one(told, &[]).await.unwrap();
    assert_eq!(told.get::<_, Option<String>>(0), None);
}

async fn waiting(partner: &Client, endpoint: &Value) -> usize {
    let path = format!("{ENDPOINTS}/{}/events", endpoint["id"].as_str().unwrap());
    partner.get(&path).await.expect(200).json["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_is_thirty_days_old_goes_in_every_workspace_and_what_is_younger_stays() {
    let time = past();
    let mut service = start(&time, "1s").await;
    let partner = sink().await;
    let (one, other) = (service.admin(), service.other_workspace());
    endpoint(&one, &partner.url("/"), &["startup.*"]).await;
    let unfetched = one.post(ENDPOINTS, json!({ "mode": "PULL", "events": ["startup.*"] })).await;
    let unfetched = unfetched.expect(201).json;
    endpoint(&other, &partner.url("/"), &["startup.*"]).await;
    startup(&service, one.workspace()).await;
    startup(&service, other.workspace()).await;
    partner.wait_for(2).await;
    eventually("what was sent is written down", async || rows(&service).await == [2, 3, 2]).await;
    assert!(has_day(&service, &time, 0).await);

    pass(&mut service, &time, 20).await;
    startup(&service, one.workspace()).await;
    partner.wait_for(3).await;
    eventually("all are there", async || rows(&service).await == [3, 5, 3]).await;

    pass(&mut service, &time, 12).await;
    assert_eq!(rows(&service).await, [1, 2, 1], "only the younger one is there");
    assert_eq!(waiting(&service.admin(), &unfetched).await, 1);
    assert!(!has_day(&service, &time, 32).await && has_day(&service, &time, 12).await);

    pass(&mut service, &time, 20).await;
    assert_eq!(rows(&service).await, [0, 0, 0]);
    assert!(!has_day(&service, &time, 32).await && has_day(&service, &time, 0).await);
}

#[tokio::test]
async fn what_is_still_to_be_sent_goes_with_its_message_and_its_job_finds_nothing() {
    let time = past();
    let mut service = TestService::<Webhooks>::start_with(|builder| {
        builder.clock(time.clock()).env("WEBHOOKS_SCHEDULE", "3d,6d").env("WEBHOOKS_KEEP", "7d")
    })
    .await;
    let partner = sink().await;
    partner.reply_always(Reply::status(500));
    let admin = service.admin();
    let failing = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    let paused = endpoint(&admin, &partner.url("/paused"), &["startup.*"]).await;
    let path = format!("{ENDPOINTS}/{}", paused["id"].as_str().unwrap());
    admin.patch(&path, json!({ "paused": true })).await.expect(200);
    startup(&service, admin.workspace()).await;
    partner.wait_for(1).await;
    pass(&mut service, &time, 4).await;
    partner.wait_for(2).await;
    eventually("both attempts are written down", async || rows(&service).await == [1, 2, 2]).await;
    delivery_in(&service.admin(), &failing, "PENDING").await;
    delivery_in(&service.admin(), &paused, "HELD").await;

    // The second attempt is not as old as its delivery, and goes with it all the same.
    pass(&mut service, &time, 4).await;
    assert_eq!(rows(&service).await, [0, 0, 0]);
    assert!(has_day(&service, &time, 4).await, "the day of the second attempt");
    pass(&mut service, &time, 30).await;
    let left = "SELECT count(*) FROM webhooks.jobs WHERE kind = 'webhooks.deliver'";
    eventually("no job is left", async || number(&service, left).await == 0).await;
    service.admin().patch(&path, json!({ "paused": false })).await.expect(200);
    assert_eq!(partner.received().len(), 2);
}

/// An event that was on its way for long has an old id. It is kept as long as any, from when it came.
#[tokio::test]
async fn a_message_that_came_late_is_kept_from_then_on() {
    let time = past();
    let mut service = start(&time, "1s").await;
    let admin = service.admin();
    let made =
        admin.post(ENDPOINTS, json!({ "mode": "PULL", "events": ["startup.*"] })).await.expect(201).json;
    let dated = EventId::generate(service.clock());
    let template = startup(&service, admin.workspace()).await;
    eventually("it is there", async || rows(&service).await == [1, 1, 0]).await;
    let ancient = EventId::generate(&ManualClock::at(time.clock().now() - DAY * 90).clock());

    pass(&mut service, &time, 29).await;
    // Of a day that has a partition yet, and of one that has none any more.
    for id in [dated, ancient] {
        let mut late = template.clone();
        late.id = id;
        service.repeat(&late).await;
    }
    eventually("all are there", async || rows(&service).await == [3, 3, 0]).await;
    pass(&mut service, &time, 3).await;
    assert_eq!(rows(&service).await, [3, 2, 0], "the day stays whole while one of it is young");
    assert_eq!(waiting(&service.admin(), &made).await, 2);
    pass(&mut service, &time, 28).await;
    assert_eq!(rows(&service).await, [0, 0, 0]);
    assert!(!has_day(&service, &time, 60).await);
}

#[tokio::test]
async fn a_clock_that_is_ahead_of_the_databases_removes_nothing() {
    let time = ManualClock::at(Clock::system().now());
    let mut service = start(&time, "1s").await;
    let partner = sink().await;
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    startup(&service, admin.workspace()).await;
    delivery_in(&admin, &made, "SUCCEEDED").await;
    pass(&mut service, &time, 400).await;
    assert_eq!(rows(&service).await, [1, 1, 1]);
    assert!(has_day(&service, &time, 0).await && has_day(&service, &time, 400).await);
    let late = "SELECT count(*) FROM webhooks.messages_default";
    startup(&service, admin.workspace()).await;
    partner.wait_for(2).await;
    assert_eq!(number(&service, late).await, 0);
}

/// Two replicas find the same days to be old while both deliver what happens now.
#[tokio::test(flavor = "multi_thread")]
async fn old_days_go_while_new_deliveries_are_made() {
    let time = past();
    let mut service = start(&time, "1s").await;
    let partner = sink().await;
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    old_messages(&service, &time, &made, 1500).await;
    assert!(service.halt().await);
    time.advance(DAY * 31);
    service.resume().await.unwrap();
    // What of the two has the job does not matter: the other one does by hand what it would do.
    let replica = service.replica().await.unwrap();
    let told = async {
        let mut ids = Vec::new();
        for _ in 0..40 {
            ids.push(startup(&service, admin.workspace()).await.id.to_string());
        }
        ids
    };
    let (mut ids, ()) = tokio::join!(told, sweep_beside(&service, &time));
    let mut received: Vec<String> =
        partner.wait_for(40).await.iter().map(|one| one.header("webhook-id").to_owned()).collect();
    ids.sort();
    received.sort();
    assert_eq!(received, ids, "each once, and nothing that is old");
    eventually("the old ones are gone, and every attempt is there", async || {
        rows(&service).await == [40, 40, 40]
    })
    .await;
    assert!(replica.stop().await);
}

/// Somebody reads the whole table for longer than the job waits for a lock at a time.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_goes_once_it_is_free() {
    let time = past();
    let mut service = start(&time, "1s").await;
    let admin = service.admin();
    let made =
        admin.post(ENDPOINTS, json!({ "mode": "PULL", "events": ["startup.*"] })).await.expect(201).json;
    old_messages(&service, &time, &made, 3).await;
    assert!(service.halt().await);
    time.advance(DAY * 31);
    let reader = service.database().superuser().await.unwrap();
    reader.batch_execute("BEGIN; LOCK TABLE webhooks.messages IN SHARE ROW EXCLUSIVE MODE").await.unwrap();
    service.resume().await.unwrap();
    let waits =
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'webhooks.messages'::regclass";
    for _ in 0..3 {
        eventually("the job waits for the lock", async || number(&service, waits).await > 0).await;
        eventually("it gives up for now", async || number(&service, waits).await == 0).await;
    }
    reader.batch_execute("COMMIT").await.unwrap();
    swept(&service, &time).await;
    assert_eq!(rows(&service).await, [0, 0, 0]);
}

/// Messages of five days of a month ago that have arrived, so many a day.
async fn old_messages(service: &TestService<Webhooks>, time: &ManualClock, endpoint: &Value, count: i32) {
    let endpoint: witan_ids::EndpointId = endpoint["id"].as_str().unwrap().parse().unwrap();
    let mut ids = Vec::new();
    for ago in 0..5 {
        let clock = ManualClock::at(time.clock().now() - DAY * ago).clock();
        ids.extend((0..count).map(|_| EventId::generate(&clock).uuid().to_string()));
    }
    let (workspace, endpoint) = (service.workspace.uuid().to_string(), endpoint.uuid().to_string());
    let database = service.database().superuser().await.unwrap();
    for insert in [
        "INSERT INTO webhooks.messages SELECT $1::text::uuid, m::uuid, 'startup.created', $2, '{}', $4::text::timestamptz, $4::text::timestamptz
         FROM unnest($3::text[]) m",
        "INSERT INTO webhooks.deliveries (workspace_id, id, endpoint_id, message_id, event_type, state, created_at, finished_at)
         SELECT $1::text::uuid, m::uuid, $2::text::uuid, m::uuid, 'startup.created', 'SUCCEEDED', $4::text::timestamptz, $4::text::timestamptz
         FROM unnest($3::text[]) m",
    ] {
        let at = time.clock().now().to_rfc3339();
        database.execute(insert, &[&workspace, &endpoint, &ids, &at]).await.unwrap();
    }
}

/// What another replica would do at the same time; a lock that it does not get it leaves.
async fn sweep_beside(service: &TestService<Webhooks>, time: &ManualClock) {
    let app = service.database().app("webhooks").await.unwrap();
    let (today, old) = (time.clock().now().date_naive(), (time.clock().now() - DAY * 30).to_rfc3339());
    let mut gone = 0;
    for _ in 0..200 {
        let make = format!(
            "SELECT make_partitions(t, '{today}') FROM unnest(ARRAY['messages', 'mentions', 'attempts']) t"
        );
        let _ = app.batch_execute(&make).await;
        let left = number(
            service,
            "SELECT count(*) FROM webhooks.deliveries WHERE state = 'SUCCEEDED' AND attempts = 0",
        )
        .await;
        if left == 0 {
            let drop = format!(
                "SELECT drop_partitions('messages', '{old}'::timestamptz::date, 'created_at', '{old}', '{{mentions}}')"
            );
            gone += usize::from(app.batch_execute(&drop).await.is_ok());
        }
        if gone > 3 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the old deliveries stay, or the tables were locked all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_message_named_is_forgotten_with_its_day() {
    let time = past();
    let mut service = start(&time, "1s").await;
    let admin = service.admin();
    admin.post(ENDPOINTS, json!({ "mode": "PULL", "events": ["member.added"] })).await.expect(201);
    let user = UserId::generate(service.clock());
    let event = MemberAdded {
        workspace_id: admin.workspace().to_string(),
        user_id: user.to_string(),
        role: "MEMBER".to_owned(),
        status: "ACTIVE".to_owned(),
    };
    service.tell(Some(admin.workspace()), &event.workspace_id.clone(), &event).await;
    let mentions = "SELECT count(*) FROM webhooks.mentions";
    eventually("they are named", async || number(&service, mentions).await == 1).await;
    pass(&mut service, &time, 32).await;
    assert_eq!((rows(&service).await, number(&service, mentions).await), ([0, 0, 0], 0));
}
