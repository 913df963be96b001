//! Problems of webhooks.

use super::codes;

codes! {
    ENDPOINT_LIMIT "webhooks.endpoint_limit" Business 409 "The workspace has all the endpoints it can have."
        "Delete an endpoint that is no longer needed.";
    ENDPOINT_DISABLED "webhooks.endpoint_disabled" Conflict 409 "The endpoint is disabled."
        "Enable it first: PATCH it with `{\"paused\": false}`.";
}
