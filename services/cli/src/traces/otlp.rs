//! OTLP/HTTP, as the OpenTelemetry protocol specification 1.x has it: protobuf or JSON,
//! plain or gzip.

use std::io::Read as _;

use anyhow::{Context as _, Result, bail};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1 as proto;
use prost::Message as _;

use super::span::{Kind, Span};

/// No honest batch is larger; a small gzip body may be anything.
pub(crate) const MAX_BYTES: usize = 16 << 20;
const MAX_TEXT: usize = 1_024;
const MAX_ATTRIBUTES: usize = 64;
/// `STATUS_CODE_ERROR`.
const ERROR: i32 = 2;

pub(crate) fn unpack(body: &[u8], gzip: bool) -> Result<Vec<u8>> {
    if !gzip {
        return Ok(body.to_vec());
    }
    let mut plain = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    flate2::read::MultiGzDecoder::new(body).take(limit).read_to_end(&mut plain).context("broken gzip")?;
    if plain.len() > MAX_BYTES {
        bail!("the batch is larger than {MAX_BYTES} bytes");
    }
    Ok(plain)
}

pub(crate) fn decode(body: &[u8], json: bool) -> Result<Vec<Span>> {
    let request = if json {
        serde_json::from_slice(body).context("no OTLP JSON")?
    } else {
        ExportTraceServiceRequest::decode(body).context("no OTLP protobuf")?
    };
    Ok(spans(request))
}

fn spans(request: ExportTraceServiceRequest) -> Vec<Span> {
    let mut all = Vec::new();
    for resource_spans in request.resource_spans {
        let attributes = resource_spans.resource.map(|r| r.attributes).unwrap_or_default();
        let service = attributes.iter().find(|a| a.key == "service.name").map(text).unwrap_or_default();
        let inner = resource_spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
        all.extend(inner.filter_map(|span| read(&service, span)));
    }
    all
}

/// `None` for a span without the ids that the specification requires.
fn read(service: &str, span: proto::Span) -> Option<Span> {
    if span.trace_id.len() != 16 || span.span_id.len() != 8 {
        return None;
    }
    let status = span.status.unwrap_or_default();
    Some(Span {
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_id: hex(&span.parent_span_id),
        service: service.to_owned(),
        name: shortened(span.name),
        kind: match span.kind {
            2 => Kind::Server,
            3 => Kind::Client,
            4 => Kind::Producer,
            5 => Kind::Consumer,
            _ => Kind::Internal,
        },
        start: span.start_time_unix_nano,
        end: span.end_time_unix_nano,
        error: (status.code == ERROR).then(|| shortened(status.message)),
        attributes: span.attributes.iter().take(MAX_ATTRIBUTES).map(|a| (a.key.clone(), text(a))).collect(),
    })
}

fn text(attribute: &KeyValue) -> String {
    shortened(attribute.value.as_ref().map(any).unwrap_or_default())
}

fn any(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(Value::IntValue(value)) => value.to_string(),
        Some(Value::DoubleValue(value)) => value.to_string(),
        Some(Value::ArrayValue(list)) => list.values.iter().map(any).collect::<Vec<_>>().join(", "),
        Some(Value::BytesValue(bytes)) => hex(bytes),
        _ => String::new(),
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// The example of the OTLP specification's repository, shortened.
    const JSON: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"auth"}}]},
        "scopeSpans":[{"scope":{"name":"x"},"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C",
        "spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173","name":"I am a span","kind":2,
        "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000",
        "attributes":[{"key":"http.response.status_code","value":{"intValue":"500"}}],
        "status":{"code":2,"message":"broke"}}]}]}]}"#;

    #[test]
    fn reads_json() {
        let spans = decode(JSON.as_bytes(), true).unwrap();
        let span = &spans[0];
        assert_eq!(span.trace_id, "5b8efff798038103d269b633813fc60c");
        assert_eq!((span.service.as_str(), span.kind), ("auth", Kind::Server));
        assert_eq!(span.nanos(), 1_000_000_000);
        assert_eq!(span.error.as_deref(), Some("broke"));
        assert_eq!(span.attributes["http.response.status_code"], "500");
    }

    #[test]
    fn protobuf_and_gzip_say_the_same_as_json() {
        let request: ExportTraceServiceRequest = serde_json::from_str(JSON).unwrap();
        let protobuf = request.encode_to_vec();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&protobuf).unwrap();
        let packed = gzip.finish().unwrap();
        let spans = decode(&unpack(&packed, true).unwrap(), false).unwrap();
        assert_eq!(spans, decode(JSON.as_bytes(), true).unwrap());
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..MAX_BYTES / 4_096 + 1 {
            gzip.write_all(&[0; 4_096]).unwrap();
        }
        assert!(unpack(&gzip.finish().unwrap(), true).is_err());
    }

    #[test]
    fn a_span_without_its_ids_is_left_out() {
        let text = JSON.replace("5B8EFFF798038103D269B633813FC60C", "5B8E");
        assert!(decode(text.as_bytes(), true).unwrap().is_empty());
    }
}
