//! OpenAI's API: what its clients send, and the bytes that they read.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use witan_access::Scope;
use witan_council::Council;
use witan_events::contracts::council::v1::{AgentRunCompleted, ModelCalled};
use witan_testkit::{Answer, Behaviour, Client, Dialect, TestService, Upstream, eventually};

use crate::{model, three};

const PATH: &str = "/v1/chat/completions";

/// Three simulated members, and a plain model behind this provider.
async fn service(upstream: &Upstream) -> TestService<Council> {
    let mut models = three(json!({}));
    let url = upstream.url(Dialect::OpenAi);
    models.as_array_mut().unwrap().push(json!({
        "id": "test/m", "provider": "openai", "baseUrl": url,
        "priceMicros": { "input": 1_000_000, "output": 2_000_000 },
    }));
    TestService::<Council>::start_with(|builder| {
        builder
            .env("LLM_MODELS", models.to_string())
            .env("COUNCIL_MEMBERS", "sim/good,sim/fair,sim/poor")
            .env("LLM_FIRST_TOKEN_TIMEOUT", "1500ms")
            .env("LLM_IDLE_TIMEOUT", "500ms")
    })
    .await
}

fn ask(model: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": "How long should our runway be?" }] })
}

fn streamed(model: &str) -> Value {
    let mut body = ask(model);
    body["stream"] = json!(true);
    body["stream_options"] = json!({ "include_usage": true });
    body
}

/// The data of a stream's events, read as OpenAI's clients do: lines that begin with `data: `, comments left out.
fn events(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let lines = answer.text.lines().filter(|line| !line.is_empty() && !line.starts_with(':'));
    lines.map(|line| line.strip_prefix("data: ").unwrap_or_else(|| panic!("{line}")).to_owned()).collect()
}

fn parsed(event: &str) -> Value {
    serde_json::from_str(event).unwrap_or_else(|error| panic!("{event}: {error}"))
}

fn words(events: &[String]) -> String {
    let chunks = events.iter().filter(|event| *event != "[DONE]").map(|event| parsed(event));
    chunks.filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect()
}

fn assert_refused(answer: &Answer, status: u16, kind: &str, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    let error = &answer.json["error"];
    assert_eq!((&error["type"], &error["code"]), (&json!(kind), &json!(code)), "{}", answer.text);
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_model_answers_and_is_counted() {
    let upstream = Upstream::start().await;
    upstream.say("Eighteen months.");
    let service = service(&upstream).await;
    let mut told = service.events().await;
    let mut body = ask("test/m");
    // Clients send more than is known here, also inside.
    body["top_p"] = json!(0.9);
    body["seed"] = json!(7);
    body["messages"][0]["name"] = json!("ada");
    let answer = service.member().post(PATH, body).await.expect(200);
    assert_eq!(answer.text_at("/object"), "chat.completion");
    assert!(answer.text_at("/id").starts_with("chatcmpl-"));
    assert_eq!(answer.text_at("/model"), "test/m");
    assert_eq!(answer.text_at("/choices/0/message/content"), "Eighteen months.");
    assert_eq!(answer.text_at("/choices/0/finish_reason"), "stop");
    assert_eq!(
        answer.json["usage"],
        json!({ "prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9 })
    );
    assert_eq!(upstream.asked()[0].body["messages"], ask("test/m")["messages"], "nothing of ours is added");
    let (envelope, called) = told.next::<ModelCalled>().await;
    assert_eq!(envelope.workspace_id, Some(service.workspace));
    assert_eq!((called.model.as_str(), called.answered, called.cost_micros), ("test/m", true, 11));
    assert!(answer.text_at("/id").ends_with(&called.call_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_has_openais_shape() {
    let upstream = Upstream::start().await;
    let service = service(&upstream).await;
    let answer = service.member().post(PATH, streamed("test/m")).await.expect(200);
    let events = events(&answer);
    let first = parsed(&events[0]);
    assert_eq!(first["object"], "chat.completion.chunk");
    assert_eq!(first["choices"][0]["delta"], json!({ "role": "assistant", "content": "" }));
    assert_eq!(first["usage"], Value::Null);
    assert!(words(&events).starts_with("w0 w1 ") && words(&events).ends_with("w59"));
    let [.., finish, usage, done] = &events[..] else { panic!("{events:?}") };
    assert_eq!(parsed(finish)["choices"][0]["finish_reason"], "stop");
    assert_eq!(parsed(usage)["choices"], json!([]));
    assert_eq!(parsed(usage)["usage"]["completion_tokens"], 60);
    assert_eq!(done, "[DONE]");
    let ids: std::collections::HashSet<String> =
        events[..events.len() - 1].iter().map(|event| parsed(event)["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);

    let mut plain = streamed("test/m");
    plain["stream_options"] = Value::Null;
    let answer = service.member().post(PATH, plain).await.expect(200);
    assert!(!answer.text.contains("\"usage\""), "only who asks is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_model_never_ends_cleanly() {
    let upstream = Upstream::start().await;
    upstream.say(&vec!["x".repeat(999); 60].join(" "));
    let service = service(&upstream).await;
    let ada = service.member();
    for (fault, status, code) in [
        (Behaviour::Status(401), 502, "council.model_failed"),
        (Behaviour::Status(404), 404, "model_not_found"),
        (Behaviour::Status(429), 429, "rate_limit_exceeded"),
        (Behaviour::Malformed, 0, "council.model_failed"),
        (Behaviour::Cut, 0, "council.model_failed"),
        (Behaviour::Stall, 0, "council.model_timeout"),
        (Behaviour::NoReason, 0, "council.model_failed"),
    ] {
        upstream.behave_once("m", fault);
        let answer = ada.post(PATH, streamed("test/m")).await;
        if status > 0 {
            assert_eq!(answer.status.as_u16(), status, "{fault:?}: {}", answer.text);
            assert_eq!(answer.json["error"]["code"], code, "{fault:?}");
            continue;
        }
        let events = events(&answer);
        let last = parsed(events.last().unwrap());
        assert_eq!(last["error"]["code"], code, "{fault:?}");
        assert!(words(&events).len() > 10_000, "what came was handed on");
        assert!(!answer.text.contains("[DONE]"), "{fault:?}");
        // The breaker's count begins again.
        ada.post(PATH, ask("test/m")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_a_stream_ends_the_call() {
    let upstream = Upstream::start().await;
    upstream.behave(Behaviour::Stall);
    let service = service(&upstream).await;
    // The headers of a stream are there as soon as there are words.
    let answer = service.member().request(Method::POST, PATH).json(&streamed("test/m")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    drop(answer);
    upstream.wait_closed(1).await;
}

/// Also before there is an answer: of a whole one, and of one that is to be streamed.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_before_the_answer_ends_the_call() {
    let upstream = Upstream::start().await;
    upstream.behave(Behaviour::SlowStart(Duration::from_secs(60)));
    let mut service = service(&upstream).await;
    service.halt().await;
    service.set_env("LLM_FIRST_TOKEN_TIMEOUT", "60s");
    service.resume().await.unwrap();
    let mut told = service.events().await;
    let ada = service.member();
    for (count, body) in [(1, ask("test/m")), (2, streamed("test/m"))] {
        let asked = upstream.asked().len();
        let request = ada.request(Method::POST, PATH).json(&body);
        tokio::select! {
            _ = request.send() => panic!("nobody answers"),
            () = eventually("it is asked", async || upstream.asked().len() > asked) => {}
        }
        upstream.wait_closed(count).await;
        let (_, left) = told.next::<ModelCalled>().await;
        assert!(!left.answered && left.estimated && left.input_tokens > 0, "{left:?}");
        assert_eq!(left.output_tokens, 0);
    }
    upstream.behave(Behaviour::Well);
    ada.post(PATH, ask("test/m")).await.expect(200);
}

/// What is asked of a provider is paid for, whether or not the process lives to tell.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_process_is_killed_is_told_of_once() {
    let upstream = Upstream::start().await;
    let mut service = service(&upstream).await;
    let mut told = service.events().await;
    let user = service.member().user.unwrap();
    let database = service.database().superuser().await.unwrap();
    let notes = async || {
        let count = database.query_one("SELECT count(*) FROM council.model_calls", &[]).await.unwrap();
        count.get::<_, i64>(0)
    };
    service.member().post(PATH, ask("test/m")).await.expect(200);
    let (_, answered) = told.next::<ModelCalled>().await;
    assert!(answered.answered && notes().await == 0, "what was told is not noted any more");
    upstream.behave_once("m", Behaviour::Status(401));
    service.member().post(PATH, ask("test/m")).await.expect(502);
    eventually("what used nothing is forgotten", async || notes().await == 0).await;

    service.halt().await;
    service.set_env("COUNCIL_RUN_LEASE", "1s");
    service.set_env("LLM_FIRST_TOKEN_TIMEOUT", "30s");
    let process = service.process(env!("CARGO_BIN_EXE_witan-council")).await;
    let there = process.person(user, Some(service.workspace)).in_workspace(service.workspace);
    upstream.behave(Behaviour::SlowStart(Duration::from_secs(30)));
    let asked = upstream.asked().len();
    let mut request = Box::pin(there.request(Method::POST, PATH).json(&ask("test/m")).send());
    tokio::select! {
        _ = &mut request => panic!("nobody answers"),
        () = eventually("it is asked and noted", async || {
            upstream.asked().len() > asked && notes().await == 1
        }) => {}
    }
    process.kill();
    request.await.unwrap_err();
    Box::pin(service.resume()).await.unwrap();
    let late = "UPDATE council.model_calls SET lapses_at = now() - interval '1 second'";
    assert_eq!(database.execute(late, &[]).await.unwrap(), 1);
    let (envelope, lost) = told.next::<ModelCalled>().await;
    assert_eq!(envelope.workspace_id, Some(service.workspace));
    assert!(!lost.answered && lost.estimated && lost.input_tokens > 0, "{lost:?}");
    assert_eq!(lost.user_id, user.to_string());
    assert_eq!(notes().await, 0);
    assert!(told.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_council_answers_like_a_model() {
    let upstream = Upstream::start().await;
    let service = service(&upstream).await;
    let ada = service.member();
    let mut told = service.events().await;
    let mut body = ask("council/finance");
    body["messages"] = json!([
        { "role": "system", "content": "We sell to schools." },
        { "role": "user", "content": [{ "type": "text", "text": "How long should our runway be?" }] },
    ]);
    let answer = ada.post(PATH, body).await.expect(200);
    assert!(answer.text_at("/choices/0/message/content").contains("because"));
    assert!(answer.json["usage"]["total_tokens"].as_u64().unwrap() > 1_000);
    let id = answer.text_at("/witan/runId").to_owned();
    let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200);
    assert_eq!(run.text_at("/answer"), answer.text_at("/choices/0/message/content"));
    let (_, completed) = told.next::<AgentRunCompleted>().await;
    assert_eq!(completed.run_id, id);

    let answer = ada.post(PATH, streamed("council/finance")).await.expect(200);
    let events = events(&answer);
    let (_, completed) = told.next::<AgentRunCompleted>().await;
    assert_eq!(words(&events), completed.answer);
    assert_eq!(parsed(&events[0])["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(events.last().unwrap(), "[DONE]");
    assert!(parsed(&events[events.len() - 2])["usage"]["total_tokens"].as_u64().unwrap() > 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_council_without_a_quorum_is_an_error() {
    let broken = json!({ "fail": "UNAVAILABLE" });
    let models = json!([model("a", 5, broken.clone()), model("b", 5, broken), model("c", 5, json!({}))]);
    let service = crate::with_models(models).await;
    let ada = service.member();
    let answer = ada.post(PATH, ask("council/finance")).await;
    assert_refused(&answer, 502, "server_error", "council.quorum_not_met");
    let answer = ada.post(PATH, streamed("council/finance")).await;
    let events = events(&answer);
    assert_eq!(parsed(events.last().unwrap())["error"]["code"], "council.quorum_not_met");
    assert!(!answer.text.contains("[DONE]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_openais_form() {
    let upstream = Upstream::start().await;
    let service = service(&upstream).await;
    let ada = service.member();
    let anybody = service.anon().post(PATH, ask("test/m")).await;
    assert_refused(&anybody, 401, "authentication_error", "invalid_api_key");
    for unknown in ["test/none", "council/astrology", "groq/gpt-oss-120b", "gpt-4o"] {
        let answer = ada.post(PATH, ask(unknown)).await;
        assert_refused(&answer, 404, "invalid_request_error", "model_not_found");
    }
    let answer = ada.post(PATH, json!({ "model": "test/m", "messages": [] })).await;
    assert_refused(&answer, 400, "invalid_request_error", "validation.failed");
    assert_eq!(answer.json["error"]["param"], "messages");
    let tools = json!({ "model": "test/m", "tools": [{}], "messages": ask("test/m")["messages"] });
    assert_eq!(ada.post(PATH, tools).await.json["error"]["param"], "tools");
    let long =
        json!({ "model": "council/legal", "messages": [{ "role": "user", "content": "ä".repeat(6_000) }] });
    assert_refused(&ada.post(PATH, long).await, 400, "invalid_request_error", "validation.failed");
    assert_refused(&ada.get("/v1/nothing").await, 404, "invalid_request_error", "request.route_not_found");
    assert!(upstream.asked().is_empty(), "nothing of it reached a model");
    // Elsewhere errors stay as they were.
    service.anon().get("/api/v1/agents").await.expect_problem(401, "access.token_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_allows_no_more_is_told_as_a_quota() {
    let upstream = Upstream::start().await;
    let service = service(&upstream).await;
    let limit = json!({ "metric": "messages", "limit": 1, "used": 1, "resetsAt": "2100-01-01T00:00:00Z" });
    let plan = json!({ "plan": "free", "limits": [limit], "features": [] });
    service.peers().entitle(service.workspace, plan);
    let answer = service.member().post(PATH, ask("test/m")).await;
    assert_refused(&answer, 429, "insufficient_quota", "insufficient_quota");
    assert_eq!(answer.header("x-should-retry"), "false");
    assert!(upstream.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_as_the_bearer_there_and_nowhere_else() {
    let upstream = Upstream::start().await;
    let service = service(&upstream).await;
    let user = service.member().user.unwrap();
    let (by_header, _) = service.api_key(user, Some(service.workspace), &[Scope::Agents]);
    by_header.get("/v1/models").await.expect(200);
    let key = by_header.api_key().unwrap().to_owned();
    let bearer = |key: &str| -> Client { service.anon().with_token(key).in_workspace(service.workspace) };
    bearer(&key).post(PATH, ask("test/m")).await.expect(200);
    assert_eq!(bearer(&key).get("/api/v1/agents").await.status.as_u16(), 401);
    let made_up = key.replace(&key[20..30], "0000000000");
    let answer = bearer(&made_up).post(PATH, ask("test/m")).await;
    assert_refused(&answer, 401, "authentication_error", "invalid_api_key");
}

#[tokio::test(flavor = "multi_thread")]
async fn councils_and_models_are_listed() {
    let upstream = Upstream::start().await;
    let service = service(&upstream).await;
    let listed = service.member().get("/v1/models").await.expect(200);
    assert_eq!(listed.text_at("/object"), "list");
    let ids: Vec<&str> =
        listed.json["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids[..2], ["council/legal", "council/finance"]);
    assert!(ids.contains(&"test/m") && !ids.contains(&"groq/gpt-oss-120b"), "{ids:?}");
    assert!(listed.json["data"].as_array().unwrap().iter().all(|model| model["object"] == "model"));
}
