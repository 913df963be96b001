use serde_json::json;
use witan_testkit::{Client, Reply, sink};

#[tokio::test]
async fn remembers_what_it_got_and_answers_as_told() {
    let sink = sink().await;
    sink.reply_next(Reply::status(503).header("retry-after", "1"));
    sink.reply_always(Reply::json(&json!({"answer": "yes"})));
    let client = Client::anonymous(sink.url("/").parse().unwrap());
    let first = client.post("/hook?a=b", json!({"x": 1})).await;
    assert_eq!((first.status.as_u16(), first.header("retry-after")), (503, "1"));
    assert_eq!(client.get("/again").await.expect(200).text_at("/answer"), "yes");
    let received = sink.wait_for(2).await;
    assert_eq!((received[0].method.as_str(), received[0].path.as_str()), ("POST", "/hook?a=b"));
    assert_eq!(received[0].json(), json!({"x": 1}));
}
