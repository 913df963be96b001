//! Takes out of an answer what its writer says about itself, so that reviewers and chair judge what it says.
//!
//! Only self-identification goes: a sentence about a company that makes models stays, it may be the user's competitor.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Families of models and who makes them, as they name themselves.
const NAMES: &str = "chat ?gpt|gpt[- ]?[0-9][0-9a-z.]*|claude[0-9a-z. -]{0,16}?|gemini[0-9a-z. -]{0,16}?|gemma[0-9a-z. -]{0,8}?\
    |llama[0-9a-z. -]{0,12}?|mi[sx]tral[0-9a-z. -]{0,12}?|qwen[0-9a-z.]*|deepseek[0-9a-z. -]{0,8}?|grok[0-9a-z. -]{0,6}?\
    |phi-?[0-9]|command r\\+?|kimi|copilot|bard";
const MAKERS: &str = "openai|anthropic|google(?: deepmind)?|deepmind|meta(?: ai)?|mistral(?: ai)?|alibaba(?: cloud)?|deepseek|xai|microsoft|cohere|moonshot(?: ai)?";

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let model = "(?:large |small )?(?:language |ai |artificial intelligence )*(?:model|assistant|chatbot|ai)";
    let made = format!(
        "(?:(?:,? (?:which (?:was|is) )?(?:trained|made|developed|built|created|provided) by|,? from|,? by) (?:{MAKERS}))"
    );
    let called = format!("(?:(?:,? (?:called|named))? ?(?:{NAMES}))");
    let someone = format!("(?:an?|the) {model}{called}?{made}?");
    let named = format!("(?:{NAMES}){made}?(?:, {someone})?");
    [
        // "As Gemini, a large language model trained by Google, I …", "As an AI language model, I …"
        (format!(r"(?im)(?-u:\b)as (?:{named}|{someone}), ?"), ""),
        // "I am Claude, made by Anthropic." and "My name is …"
        (format!(r"(?im)(?-u:\b)(?:i am|i'm|i\u{{2019}}m|my name is|this is) (?:{named}|{someone})(?:[.!]|,? and(?-u:\b)| here[.!]?|$)[ \t]*"), ""),
        // "I was trained by OpenAI."
        (format!(r"(?im)(?-u:\b)i (?:was|am|have been) (?:trained|made|developed|built|created) by (?:{MAKERS})[.!][ \t]*"), ""),
        // "— Gemini" as the last line, "Claude here:" and "**GPT-4o:**" as the first.
        (format!(r"(?im)^[ \t]*(?:[-\u{{2013}}\u{{2014}}~]{{1,2}}|signed:?|answer by|written by)[ \t]*(?:{named})[ \t]*$"), ""),
        (format!(r"(?im)^[ \t]*\**(?:{named})(?: here)?\**[ \t]*[:.!\u{{2013}}\u{{2014}}]\**[ \t]*"), ""),
    ]
    .into_iter()
    .filter_map(|(pattern, with)| Some((Regex::new(&pattern).ok()?, with)))
    .collect()
});

/// Compiles the patterns, which takes too long to be left to the first answer.
pub fn prepare() {
    LazyLock::force(&PATTERNS);
}

/// The answer without self-identification. `names` are the ids and names of the models that were asked; where they
/// stand as such they become `a model`.
pub fn anonymise(answer: &str, names: &[&str]) -> String {
    let mut text = Cow::Borrowed(answer);
    for (pattern, with) in PATTERNS.iter() {
        if let Cow::Owned(changed) = pattern.replace_all(&text, *with) {
            text = Cow::Owned(changed);
        }
    }
    // Ids such as `groq/llama-3.3` are nobody's ordinary words; short plain names could be.
    let ids = names.iter().filter(|name| name.len() >= 5 && name.contains(['/', '-', ':']));
    for id in ids {
        if text.contains(id) {
            text = Cow::Owned(text.replace(id, "a model"));
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_a_pattern() {
        assert_eq!(PATTERNS.len(), 5);
    }

    #[test]
    fn self_identification_goes() {
        for (said, left) in [
            ("As Gemini, a large language model trained by Google, I answer: no.", "I answer: no."),
            ("As an AI language model, I cannot sign it.", "I cannot sign it."),
            ("As an AI assistant developed by OpenAI, I would wait.", "I would wait."),
            ("I am Claude, made by Anthropic. Raise later.", "Raise later."),
            ("I'm ChatGPT. Raise later.", "Raise later."),
            ("My name is Qwen2.5. Raise later.", "Raise later."),
            ("I was trained by Mistral AI. Raise later.", "Raise later."),
            ("Raise later.\n\u{2014} Gemini 2.0 Flash", "Raise later."),
            ("**GPT-4o:** Raise later.", "Raise later."),
            ("Claude here: Raise later.", "Raise later."),
        ] {
            assert_eq!(anonymise(said, &[]), left, "{said}");
        }
    }

    #[test]
    fn ids_of_the_council_go() {
        let said = "sim/alpha says: raise later. (groq/llama-3.3)";
        assert_eq!(anonymise(said, &["sim/alpha", "groq/llama-3.3"]), "a model says: raise later. (a model)");
    }

    #[test]
    fn what_an_answer_is_about_stays() {
        for said in [
            "Your main competitor is OpenAI; ChatGPT is free.",
            "Sell to Google as an early customer.",
            "As a founder, you own the shares.",
            "I am sure that this is the model for your pricing.",
            "Meta may copy it. Gemini is a risk for you.",
            "Meet Claude Dupont, the lawyer.",
        ] {
            assert_eq!(anonymise(said, &["sim/alpha"]), said);
        }
    }
}
