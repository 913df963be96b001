use std::collections::BTreeMap;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a service answered, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, where it is JSON; else null.
    pub json: Value,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("the answer breaks off");
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, json, text }
    }

    /// A header's text, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// All of it, apart from what differs between any two answers: the id that was `asked` for, its own request and trace
    /// ids, the time it took, how many requests are left, whether the connection stays (it does not when the answer was
    /// there before the whole body was), and the order of the headers.
    #[must_use]
    pub fn comparable(&self, asked: &str) -> (u16, BTreeMap<String, String>, String) {
        const VARYING: [&str; 4] = ["connection", "date", "ratelimit", "server-timing"];
        let own = ["requestId", "traceId"].into_iter().filter_map(|name| self.json[name].as_str());
        let own = own.chain([self.header("x-request-id")]).filter(|id| !id.is_empty());
        let plain =
            |text: &str| own.clone().fold(text.replace(asked, "ID"), |text, own| text.replace(own, "OWN"));
        let headers = self.headers.iter().filter(|(name, _)| !VARYING.contains(&name.as_str()));
        let headers = headers
            .map(|(name, value)| (name.to_string(), plain(&String::from_utf8_lossy(value.as_bytes()))));
        (self.status.as_u16(), headers.collect(), plain(&self.text))
    }

    /// Itself, when the status is this one.
    ///
    /// # Panics
    /// With the whole answer, when it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Itself, when it is a problem of this status and code, as RFC 9457 has it.
    ///
    /// # Panics
    /// With the whole answer, when it is not.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
        assert_eq!(answer.json["code"], code, "{}", answer.text);
        assert_eq!(answer.json["status"], status, "{}", answer.text);
        answer
    }

    /// The body as a type.
    ///
    /// # Panics
    /// When it is none of that type.
    #[track_caller]
    #[must_use]
    pub fn body<T: DeserializeOwned>(&self) -> T {
        serde_json::from_value(self.json.clone()).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A member's text, found by a JSON pointer.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    #[must_use]
    pub fn text_at(&self, pointer: &str) -> String {
        let found = self.json.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer}: {}", self.text)).to_owned()
    }
}
