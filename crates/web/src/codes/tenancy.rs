//! Problems of tenancy.

use super::codes;

codes! {
    LAST_ADMIN "tenancy.last_admin" Conflict 409 "The workspace would have no administrator."
        "The member is the only active ADMIN whose account is open and stays so. Make somebody else one first.";
    RIGHTS_EXCEEDED "tenancy.rights_exceeded" Authorization 403 "That is more than you may do yourself."
        "Nobody gives a role, or changes a member or a role, that allows more than their own does. An API key may no more than its scopes cover.";
    MEMBER_EXISTS "tenancy.member_exists" Conflict 409 "The person is a member already."
        "Change the member instead.";
    PERSON_UNKNOWN "tenancy.person_unknown" Resource 404 "Nobody with an account is known by this."
        "Invite them by their address.";
}
