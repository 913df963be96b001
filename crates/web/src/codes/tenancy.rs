//! Problems of tenancy.

use super::codes;

codes! {
    LAST_ADMIN "tenancy.last_admin" Conflict 409 "The workspace would have no administrator."
        "The member is the only active ADMIN whose account is open and stays so. Make somebody else one first.";
    RIGHTS_EXCEEDED "tenancy.rights_exceeded" Authorization 403 "That is more than you may do yourself."
        "Nobody gives a role, or changes a member or a role, that allows more than their own does. An API key may no more than its scopes cover.";
    MEMBER_EXISTS "tenancy.member_exists" Conflict 409 "The person is a member already."
        "Change the member instead.";
    ROLE_NAME_TAKEN "tenancy.role_name_taken" Conflict 409 "Another role is called so."
        "Names of roles differ in more than their case; ADMIN and MEMBER are taken everywhere.";
    ROLE_LIMIT "tenancy.role_limit" Business 409 "The workspace has all the roles it can have."
        "Delete a role that nobody has.";
    ROLE_IN_USE "tenancy.role_in_use" Conflict 409 "Somebody has the role."
        "Give its members another role first, and revoke invitations that offer it.";
    FEATURE_FLAGS_FULL "tenancy.feature_flags_full" Conflict 409 "There are as many feature flags as there can be."
        "Every process keeps all of them in memory. Remove one that is no longer needed.";
    PERSON_UNKNOWN "tenancy.person_unknown" Resource 404 "You share no workspace with such a person."
        "Who is in none of your workspaces is invited by their address, whether they have an account or not.";
    DELETION_NOT_PENDING "tenancy.deletion_not_pending" Conflict 409 "Nobody is deleting the workspace."
        "There is no deletion to take back or to look at.";
    DELETION_BEGUN "tenancy.deletion_begun" Conflict 409 "The deletion has begun."
        "The time in which the workspace could be restored is over.";
    EXPORT_UNAVAILABLE "tenancy.export_unavailable" Dependency 503 "The export cannot be made now."
        "A service does not tell what it holds; `detail` names it. Try again as `Retry-After` says.";
}
