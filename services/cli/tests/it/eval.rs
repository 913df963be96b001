//! `witan eval` against an installation that answers as told.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use tokio::process::Command;

const QUESTIONS: &str = "
title: Runway
questions:
  - id: months
    prompt: How many months?
    expect: { number: { value: 18 } }
  - id: bridge
    prompt: A bridge round?
    expect: { rubric: Weighs dilution. }
";

type Seen = web::Data<Mutex<Vec<Value>>>;

/// The council knows; single models do not.
async fn run(request: HttpRequest, body: web::Json<Value>, seen: Seen) -> HttpResponse {
    assert_eq!(request.headers().get("x-api-key").unwrap(), "wk_test");
    let mode = body["mode"].as_str().unwrap().to_owned();
    let first = {
        let mut seen = seen.lock().unwrap();
        seen.push(body.into_inner());
        seen.len() == 1
    };
    if first {
        return HttpResponse::TooManyRequests().insert_header(("retry-after", "0")).json(json!({}));
    }
    if mode == "SELF_ENSEMBLE" {
        return HttpResponse::BadGateway().json(json!({ "detail": "Too few answered." }));
    }
    let answer = if mode == "COUNCIL" { "18 months <b>" } else { "Some months" };
    HttpResponse::Ok().json(json!({
        "answer": answer, "usage": { "cost": { "amountMicros": 500 } }, "timings": { "totalMs": 40 },
    }))
}

async fn judge(body: web::Json<Value>) -> HttpResponse {
    assert_eq!(body["model"], "sim/judge");
    let points = if body.to_string().contains("18 months") { 8 } else { 2 };
    let content = json!({ "points": points }).to_string();
    HttpResponse::Ok().json(json!({ "choices": [{ "message": { "content": content } }] }))
}

async fn agents() -> HttpResponse {
    let finance = json!({ "agent": "finance", "members": ["sim/a", "sim/b"] });
    HttpResponse::Ok().json(json!({ "data": [finance] }))
}

#[actix_web::test]
async fn contestants_are_asked_alike_and_compared() {
    let seen = web::Data::from(Arc::new(Mutex::new(Vec::new())));
    let shared: Seen = seen.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .route("/api/v1/agents", web::get().to(agents))
            .route("/api/v1/agents/run", web::post().to(run))
            .route("/v1/chat/completions", web::post().to(judge))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    #[expect(clippy::disallowed_methods, reason = "stopped at the end of the test")]
    let serving = actix_web::rt::spawn(server);
    let directory = std::env::temp_dir().join(format!("witan-eval-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let at = |name: &str| directory.join(name);
    std::fs::write(at("questions.yaml"), QUESTIONS).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_witan"))
        .args(["eval", "--url", &url, "--judge", "sim/judge", "--parallel", "1"])
        .arg("--html")
        .arg(at("report.html"))
        .arg("--answers")
        .arg(at("answers.jsonl"))
        .arg(at("questions.yaml"))
        .env("WITAN_API_KEY", "wk_test")
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{out}{err}");
    let line = |who: &str| {
        out.lines().find(|line| line.starts_with(&format!("| {who} "))).unwrap_or_else(|| panic!("{out}"))
    };
    assert!(line("council").contains("| 2/2 ") && line("council").contains("| 90 % "), "{out}");
    assert!(line("sim/a").contains("| 10 % "), "{out}");
    assert!(line("ensemble of sim/a").contains("| 0/2 ") && err.contains("Too few answered."), "{out}{err}");
    let page = std::fs::read_to_string(at("report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("18 months &lt;b&gt;"));
    assert_eq!(std::fs::read_to_string(at("answers.jsonl")).unwrap().lines().count(), 8);
    let asked = seen.lock().unwrap().iter().map(|body| body["mode"].clone()).collect::<Vec<_>>();
    assert_eq!(asked.len(), 9, "what came too soon is asked again: {asked:?}");
    std::fs::remove_dir_all(directory).unwrap();
    handle.stop(false).await;
    serving.await.unwrap().unwrap();
}
