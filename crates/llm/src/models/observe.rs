//! The span and the metrics of a call, by the GenAI conventions of OpenTelemetry. Neither ever holds a prompt or an
//! answer.

use std::sync::LazyLock;

use tokio::time::Instant;
use tracing::Span;
use witan_telemetry::metrics::{Histogram, KeyValue, meter};

use crate::{ChatRequest, Completion, LlmError, ModelInfo};

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    let meter = meter("witan_llm");
    let histogram = meter.f64_histogram("gen_ai.client.operation.duration").with_unit("s");
    histogram.with_description("How long calls to models took").build()
});
static FIRST_TOKEN: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    let meter = meter("witan_llm");
    let histogram = meter.f64_histogram("gen_ai.client.operation.time_to_first_chunk").with_unit("s");
    histogram.with_description("How long models took to begin a streamed answer").build()
});
static TOKENS: LazyLock<Histogram<u64>> = LazyLock::new(|| {
    let meter = meter("witan_llm");
    let histogram = meter.u64_histogram("gen_ai.client.token.usage").with_unit("{token}");
    histogram.with_description("How many tokens calls to models took").build()
});

/// A call under observation. Dropped without an end, it was given up.
pub(super) struct Observed {
    span: Span,
    labels: Vec<KeyValue>,
    began: Instant,
    first: bool,
    open: bool,
}

impl Observed {
    pub(super) fn begin(model: &ModelInfo, request: &ChatRequest) -> Self {
        let span = tracing::info_span!(
            "chat",
            otel.name = %format_args!("chat {}", model.id),
            otel.kind = "client",
            otel.status_code = tracing::field::Empty,
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = model.provider,
            gen_ai.request.model = model.name,
            gen_ai.request.max_tokens = request.max_tokens,
            gen_ai.request.temperature = request.temperature.map(f64::from),
            gen_ai.output.r#type = if request.json_schema.is_some() { "json" } else { "text" },
            gen_ai.response.model = tracing::field::Empty,
            gen_ai.response.finish_reasons = tracing::field::Empty,
            gen_ai.usage.input_tokens = tracing::field::Empty,
            gen_ai.usage.output_tokens = tracing::field::Empty,
            witan.llm.purpose = request.purpose.as_str(),
            witan.llm.cost_micros = tracing::field::Empty,
            error.r#type = tracing::field::Empty,
        );
        let labels = vec![
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", model.provider.clone()),
            KeyValue::new("gen_ai.request.model", model.name.clone()),
            KeyValue::new("witan.llm.purpose", request.purpose.as_str()),
        ];
        Self { span, labels, began: Instant::now(), first: true, open: true }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// A piece of the answer came.
    pub(super) fn text(&mut self) {
        if std::mem::take(&mut self.first) {
            FIRST_TOKEN.record(self.began.elapsed().as_secs_f64(), &self.labels);
        }
    }

    pub(super) fn end(mut self, model: &ModelInfo, answer: &Result<Completion, LlmError>) {
        self.open = false;
        match answer {
            Ok(completion) => self.answered(model, completion),
            Err(error) => self.failed(error.kind()),
        }
        DURATION.record(self.began.elapsed().as_secs_f64(), &self.labels);
    }

    fn answered(&self, model: &ModelInfo, completion: &Completion) {
        let usage = completion.usage;
        self.span.record("gen_ai.response.model", &completion.model);
        self.span.record("gen_ai.response.finish_reasons", completion.finish_reason.as_str());
        self.span.record("gen_ai.usage.input_tokens", usage.input_tokens);
        self.span.record("gen_ai.usage.output_tokens", usage.output_tokens);
        self.span.record("witan.llm.cost_micros", model.cost_micros(usage));
        for (kind, count) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
            let mut labels = self.labels.clone();
            labels.push(KeyValue::new("gen_ai.token.type", kind));
            TOKENS.record(count, &labels);
        }
    }

    fn failed(&mut self, kind: &'static str) {
        self.span.record("otel.status_code", "ERROR");
        self.span.record("error.type", kind);
        self.labels.push(KeyValue::new("error.type", kind));
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if self.open {
            self.failed("cancelled");
        }
    }
}
