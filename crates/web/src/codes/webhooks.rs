//! Problems of webhooks.

use super::codes;

codes! {
    ENDPOINT_LIMIT "webhooks.endpoint_limit" Business 409 "The workspace has all the endpoints it can have."
        "Delete an endpoint that is no longer needed.";
    ENDPOINT_DISABLED "webhooks.endpoint_disabled" Conflict 409 "The endpoint is disabled."
        "Enable it first: PATCH it with `{\"paused\": false}`.";
    ENDPOINT_CHANGED "webhooks.endpoint_changed" Conflict 409 "The endpoint got another URL meanwhile."
        "Verify it again: whoever was asked is not who would be sent to.";
    VERIFICATION_FAILED "webhooks.verification_failed" Conflict 409 "The receiver does not agree to be sent to."
        "It must answer an OPTIONS request that has `WebHook-Request-Origin` with a 2xx and this origin or `*` as `WebHook-Allowed-Origin`; `detail` says what it did instead.";
    ENDPOINT_PULLS "webhooks.endpoint_pulls" Conflict 409 "Events are fetched from the endpoint, not sent to it."
        "Fetch them: `GET /api/v1/webhooks/endpoints/{endpointId}/events`.";
    ENDPOINT_PUSHES "webhooks.endpoint_pushes" Conflict 409 "Events are sent to the endpoint."
        "Pause it, or make one with the mode `PULL`.";
    REPLAY_RUNNING "webhooks.replay_running" Conflict 409 "Another replay of the endpoint is under way."
        "Wait until it is over, or end it: `DELETE /api/v1/webhooks/replays/{replayId}`.";
}
