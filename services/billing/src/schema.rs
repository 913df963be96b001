//! The tables of `migrations/`, as Diesel sees them.

diesel::table! {
    subscriptions (workspace_id) {
        workspace_id -> Uuid,
        plan -> Text,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    counters (workspace_id, metric, period) {
        workspace_id -> Uuid,
        metric -> Text,
        period -> Date,
        used -> BigInt,
        reserved -> BigInt,
        exceeded_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    reservations (workspace_id, reference, metric) {
        workspace_id -> Uuid,
        reference -> Text,
        metric -> Text,
        period -> Date,
        amount -> BigInt,
        expires_at -> Timestamptz,
    }
}
