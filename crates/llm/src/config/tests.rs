use witan_config::Env;

use super::*;

fn config(pairs: &[(&str, &str)]) -> Result<ModelsConfig, String> {
    let env: Env = pairs.iter().copied().collect();
    let mut reader = Reader::new(&env);
    let config = ModelsConfig::read(&mut reader);
    reader.finish(|| config).map_err(|mistakes| mistakes.to_string())
}

fn usable(pairs: &[(&str, &str)]) -> Vec<String> {
    let config = config(pairs).unwrap();
    config.models.iter().filter(|model| model.is_usable()).map(|model| model.id.clone()).collect()
}

fn panel(pairs: &[(&str, &str)]) -> Vec<String> {
    config(pairs).unwrap().panel(5).into_iter().map(|model| model.id.clone()).collect()
}

#[test]
fn development_has_four_simulated_models() {
    assert_eq!(usable(&[]), ["sim/alpha", "sim/beta", "sim/gamma", "sim/delta"]);
    assert_eq!(panel(&[]), usable(&[]));
}

#[test]
fn production_does_not_pretend() {
    let production = ("WITAN_ENV", "production");
    let why = config(&[production]).unwrap_err();
    assert!(why.contains("LLM_MODELS is required in production"), "{why}");
    let keyed = usable(&[production, ("GROQ_API_KEY", "k")]);
    assert!(keyed.iter().all(|id| id.starts_with("groq/")) && keyed.len() > 2, "{keyed:?}");
    let named = r#"[{"id":"sim/a","provider":"sim"}]"#;
    assert_eq!(usable(&[production, ("LLM_MODELS", named)]), ["sim/a"]);
}

#[test]
fn every_provider_has_its_key() {
    let keys = [
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "GROQ_API_KEY",
        "HF_TOKEN",
        "MISTRAL_API_KEY",
        "OPENAI_API_KEY",
    ];
    let mut seen = Vec::new();
    for key in keys {
        let panel = panel(&[(key, "k")]);
        let provider = panel[0].split('/').next().unwrap().to_owned();
        assert!(panel.iter().all(|id| id.starts_with(&provider)), "{panel:?}");
        seen.push(provider);
    }
    assert_eq!(seen, PROVIDERS);
    let all: Vec<_> = keys.iter().map(|key| (*key, "k")).collect();
    let mut together: Vec<String> =
        panel(&all).iter().map(|id| id.split('/').next().unwrap().to_owned()).collect();
    together.sort();
    together.dedup();
    assert_eq!(together.len(), 5, "one of each provider before a second one");
}

#[test]
fn a_local_server_needs_no_key() {
    let pairs = [("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"), ("OPENAI_MODELS", "llama3.2, qwen3")];
    assert_eq!(usable(&pairs)[..2], ["openai/llama3.2", "openai/qwen3"]);
    assert!(!usable(&pairs).iter().any(|id| id.contains("gpt")), "it has its own models only");
    assert_eq!(panel(&pairs), ["openai/llama3.2", "openai/qwen3"]);
}

#[test]
fn an_entry_goes_over_the_shipped_one() {
    let entry = r#"[{"id":"groq/gpt-oss-20b","priceMicros":{"input":1,"output":2},"status":"DEPRECATED"}]"#;
    let config = config(&[("LLM_MODELS", entry), ("GROQ_API_KEY", "k")]).unwrap();
    let model = &config.models[0];
    assert_eq!((model.name.as_str(), model.price.unwrap().output), ("openai/gpt-oss-20b", 2));
    assert_eq!((model.status, model.context_tokens), (ModelStatus::Deprecated, Some(131_072)));
    assert_eq!(config.models.iter().filter(|model| model.id == "groq/gpt-oss-20b").count(), 1);
    assert_eq!(config.panel(5).len(), 1, "whoever names models means these");
}

#[test]
fn retired_models_are_listed_with_who_follows_them() {
    let config = config(&[("GROQ_API_KEY", "k")]).unwrap();
    let find = |id: &str| config.models.iter().find(|model| model.id == id).unwrap();
    let mixtral = find("groq/mixtral-8x7b-32768");
    assert_eq!(mixtral.status, ModelStatus::Retired);
    assert_eq!(mixtral.replacement.as_deref(), Some("groq/llama-3.3-70b-versatile"));
    assert!(!config.panel(9).iter().any(|model| model.status == ModelStatus::Retired));
    for model in config.models.iter().filter(|model| model.status == ModelStatus::Retired) {
        let (mut last, mut steps) = (model, 0);
        while last.status == ModelStatus::Retired {
            last = find(last.replacement.as_deref().unwrap());
            steps += 1;
            assert!(steps < 9, "{} goes round in a circle", model.id);
        }
    }
}

#[test]
fn a_platforms_key_stays_with_the_platform() {
    let entry = r#"[{"id":"groq/mine","baseUrl":"http://127.0.0.1:9/v1"}]"#;
    let config = config(&[("LLM_MODELS", entry), ("GROQ_API_KEY", "k")]).unwrap();
    let crate::model::Backend::Remote(remote) = &config.models[0].backend else { panic!("a remote one") };
    assert!(remote.api_key.is_none() && remote.open);
}

#[test]
fn mistakes_name_the_variable() {
    for (models, says) in [
        ("[", "is not valid"),
        (r#"[{"id":"x","provider":"sim"}]"#, "`provider/model`"),
        (r#"[{"id":"a/b"}]"#, "provider of a/b"),
        (r#"[{"id":"a/b","provider":"sim","fallback":"a/c"}]"#, "names a/c as the fallback"),
        (r#"[{"id":"a/b","provider":"sim","replacement":"a/c"}]"#, "names a/c as the replacement"),
        (r#"[{"id":"a/b","provider":"sim"},{"id":"a/b","provider":"sim"}]"#, "two models"),
        (r#"[{"id":"a/b","provider":"sim","colour":"red"}]"#, "unknown field"),
    ] {
        let why = config(&[("LLM_MODELS", models)]).unwrap_err();
        assert!(why.contains("LLM_MODELS") && why.contains(says), "{why}");
    }
    let keyed = r#"[{"id":"groq/llama","provider":"openai","apiKeyEnv":"THE_KEY"}]"#;
    assert!(config(&[("LLM_MODELS", keyed)]).unwrap_err().contains("THE_KEY"));
}
