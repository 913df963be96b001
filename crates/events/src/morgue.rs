//! Parking what cannot be processed.

use chrono::SecondsFormat;
use lapin::message::Delivery;
use lapin::types::AMQPValue;
use witan_clock::Clock;

use crate::error::AmqpError;
use crate::publisher::{publish, settled};
use crate::topology::{dead_queue, text};
use crate::{Amqp, HandleError};

pub(crate) const REASON: &str = "witan-reason";
pub(crate) const ATTEMPTS: &str = "witan-attempts";
pub(crate) const FIRST_ERROR: &str = "witan-first-error";
pub(crate) const LAST_ERROR: &str = "witan-last-error";
pub(crate) const DEAD_AT: &str = "witan-dead-at";

/// Headers share a frame with the rest; an error may carry a whole page of somebody's HTML.
const LONGEST: usize = 1000;

/// Why an event is given up.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) reason: &'static str,
    pub(crate) tries: u32,
    pub(crate) first: String,
    pub(crate) last: String,
}

impl Cause {
    pub(crate) fn poison(error: String) -> Self {
        Self { reason: "poison", tries: 1, first: error.clone(), last: error }
    }

    /// Counts another failure.
    pub(crate) fn next<'a>(cause: &'a mut Option<Self>, error: &HandleError) -> &'a Self {
        let reason = if matches!(error, HandleError::Poison(_)) { "poison" } else { "failed" };
        let (first, last) = (error.to_string(), error.to_string());
        let cause = cause.get_or_insert(Self { reason, tries: 0, first, last: String::new() });
        (cause.reason, cause.last) = (reason, last);
        cause.tries += 1;
        cause
    }
}

/// Puts a copy into the dead-letter queue of `queue` and waits for the broker to have it.
pub(crate) async fn bury(
    amqp: &Amqp,
    clock: &Clock,
    queue: &str,
    delivery: &Delivery,
    cause: &Cause,
) -> Result<(), AmqpError> {
    let mut headers = delivery.properties.headers().clone().unwrap_or_default();
    let now = clock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    for (name, value) in [
        (REASON, cause.reason),
        (FIRST_ERROR, cut(&cause.first)),
        (LAST_ERROR, cut(&cause.last)),
        (DEAD_AT, now.as_str()),
    ] {
        headers.insert(name.into(), text(value));
    }
    headers.insert(ATTEMPTS.into(), AMQPValue::LongLongInt(i64::from(cause.tries)));
    let properties = delivery.properties.clone().with_headers(headers);
    let channel = amqp.publish_channel().await?;
    let confirm = publish(&channel, "", &dead_queue(queue), &delivery.data, properties).await?;
    match settled(confirm).await? {
        None => Ok(()),
        Some(_) => Err(AmqpError::Refused),
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}
