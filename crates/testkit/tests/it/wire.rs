use serde_json::json;
use witan_testkit::{Client, Reply, Wire, sink};

#[tokio::test]
async fn can_be_cut_and_mended() {
    let sink = sink().await;
    sink.reply_always(Reply::json(&json!({})));
    let target: reqwest::Url = sink.url("/").parse().unwrap();
    let wire = Wire::to(format!("127.0.0.1:{}", target.port().unwrap())).await.unwrap();
    let client = Client::anonymous(format!("http://{}/", wire.address()).parse().unwrap());
    client.get("/").await.expect(200);
    wire.cut();
    assert!(client.request(reqwest::Method::GET, "/").send().await.is_err());
    wire.mend();
    client.get("/").await.expect(200);
    assert_eq!(sink.received().len(), 2);
}
