use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use super::{TraceContext, current};

/// Sets the headers of a message to the caller's place in the trace.
pub fn inject_amqp(headers: &mut FieldTable) {
    current().inject_amqp(headers);
}

/// The place in a trace that a message was published from.
pub fn extract_amqp(headers: &FieldTable) -> TraceContext {
    TraceContext::from_headers(|name| match headers.inner().get(name)? {
        AMQPValue::LongString(value) => std::str::from_utf8(value.as_bytes()).ok(),
        AMQPValue::ShortString(value) => Some(value.as_str()),
        _ => None,
    })
}

impl TraceContext {
    /// Sets the headers of a message, as long strings.
    pub fn inject_amqp(&self, headers: &mut FieldTable) {
        for (name, value) in self.headers() {
            let value = AMQPValue::LongString(LongString::from(value.as_bytes()));
            headers.insert(ShortString::from(name), value);
        }
    }
}
