use witan_ids::UserId;
use witan_testkit::{Client, TestService};

use crate::probe::Probe;

const NUMBERS: &str = "/api/v1/numbers";

async fn page(person: &Client, query: &str) -> (Vec<u64>, Option<String>) {
    let answer = person.get(&format!("{NUMBERS}{query}")).await.expect(200);
    let data = answer.json["data"].as_array().unwrap().iter().map(|one| one.as_u64().unwrap()).collect();
    (data, answer.json["nextCursor"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let service = TestService::<Probe>::start().await;
    let person = service.person(UserId::generate(service.clock()), None);
    let (mut all, mut cursor) = page(&person, "?limit=20").await;
    let mut pages = 1;
    while let Some(next) = cursor {
        let (data, following) = page(&person, &format!("?limit=20&cursor={next}")).await;
        all.extend(data);
        cursor = following;
        pages += 1;
    }
    assert_eq!((all, pages), ((0..50).collect(), 3));
    let (data, cursor) = page(&person, "?limit=50").await;
    assert_eq!((data.len(), cursor), (50, None));
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_alone() {
    let service = TestService::<Probe>::start().await;
    let person = service.person(UserId::generate(service.clock()), None);
    let (_, cursor) = page(&person, "?limit=5&onlyEven=true").await;
    let cursor = cursor.unwrap();
    let (data, _) = page(&person, &format!("?limit=2&onlyEven=true&cursor={cursor}")).await;
    assert_eq!(data, [10, 12]);
    let mut tampered = cursor.clone();
    let last = if tampered.ends_with('A') { 'B' } else { 'A' };
    tampered.replace_range(..1, &last.to_string());
    for (query, cursor) in
        [("", cursor.as_str()), ("&onlyEven=true", &tampered), ("", ""), ("", "x"), ("", "%00")]
    {
        let answer = person.get(&format!("{NUMBERS}?cursor={cursor}{query}")).await;
        let code = answer.json["code"].as_str().unwrap_or_default().to_owned();
        assert!(
            ["request.cursor_invalid", "request.query_invalid"].contains(&code.as_str()),
            "{}",
            answer.text
        );
        let _ = answer.expect(400);
    }
}
