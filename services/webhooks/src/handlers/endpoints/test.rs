use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use witan_ids::{DeliveryId, EndpointId, EventId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Accepted, Body, Path, Problem, State, Tenant, Violations, codes};

use crate::app::App;
use crate::catalogue;
use crate::delivery::create::{NewMessage, create};
use crate::domain::state::EndpointState;
use crate::store::pull::pull_place;
use crate::store::replayed::TEST;

/// Which test event to send.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TestWebhookEndpoint)]
pub(crate) struct Test {
    /// Send this type's example; without it, an event of type `webhook.test`.
    #[schema(nullable = false, example = "startup.created")]
    event_type: Option<String>,
}

/// A test on its way.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestSent {
    delivery_id: DeliveryId,
}

/// Sends a test event to one endpoint, whatever its patterns: the same signature, guard, retries and log as any other.
#[utoipa::path(post, path = "/api/v1/webhooks/endpoints/{endpointId}/test", operation_id = "testWebhookEndpoint",
    tag = "webhooks", params(("endpointId" = EndpointId, Path)), request_body = Test,
    responses((status = 202, description = "On its way; the delivery tells how it went", body = TestSent)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
    Body(request): Body<Test>,
) -> Result<Accepted<TestSent>, Problem> {
    let (event_type, data) = example(&app, id, request)?;
    let message = |data| NewMessage {
        id: EventId::generate(&app.clock),
        event_type: &event_type,
        subject: "test",
        occurred_at: app.clock.now(),
        data,
        position: None,
        trace: None,
    };
    let send = async |tx: &mut TenantTx<'_>| -> Result<Option<DeliveryId>, PgError> {
        let target = pull_place(tx, id).await?.ok_or(PgError::NotFound)?;
        if target.state == EndpointState::Disabled {
            return Ok(None);
        }
        let sent = create(tx, &app.clock, vec![(message(&data), vec![target])]).await?;
        Ok(sent.first().map(|delivery| delivery.id))
    };
    let sent = app.pg.tenant("endpoints.test", tenant.workspace_id, send).await?;
    let delivery_id = sent.ok_or_else(|| Problem::new(&codes::webhooks::ENDPOINT_DISABLED))?;
    let location = Some(format!("/api/v1/webhooks/deliveries/{delivery_id}"));
    Ok(Accepted { location, body: TestSent { delivery_id } })
}

fn example(app: &App, id: EndpointId, request: Test) -> Result<(String, Value), Problem> {
    let Some(event_type) = request.event_type else {
        let data = serde_json::json!({ "endpointId": id, "sentAt": app.clock.now() });
        return Ok((TEST.to_owned(), data));
    };
    match catalogue::public().find(|known| known.name == event_type) {
        Some(known) => Ok((event_type, known.example())),
        None => {
            let mut violations = Violations::new();
            violations.push("/eventType", "validation.unknown", "there is no event of this type");
            Err(violations.into())
        }
    }
}
