//! Mails and pages, rendered from `templates/`. Everything put into HTML is escaped.

use minijinja::{Environment, Value, context};

/// Name of the product in what people read.
const PRODUCT: &str = "Witan";

const SOURCES: &[(&str, &str)] = &[
    ("layout.html", include_str!("../templates/layout.html")),
    ("verify_email.html", include_str!("../templates/verify_email.html")),
    ("verify_email.txt", include_str!("../templates/verify_email.txt")),
    ("already_registered.html", include_str!("../templates/already_registered.html")),
    ("already_registered.txt", include_str!("../templates/already_registered.txt")),
    ("reset_password.html", include_str!("../templates/reset_password.html")),
    ("reset_password.txt", include_str!("../templates/reset_password.txt")),
    ("magic_link.html", include_str!("../templates/magic_link.html")),
    ("magic_link.txt", include_str!("../templates/magic_link.txt")),
    ("magic_link_page.html", include_str!("../templates/magic_link_page.html")),
    ("password_changed.html", include_str!("../templates/password_changed.html")),
    ("password_changed.txt", include_str!("../templates/password_changed.txt")),
    ("refresh_reuse.html", include_str!("../templates/refresh_reuse.html")),
    ("refresh_reuse.txt", include_str!("../templates/refresh_reuse.txt")),
    ("change_email.html", include_str!("../templates/change_email.html")),
    ("change_email.txt", include_str!("../templates/change_email.txt")),
    ("change_email_page.html", include_str!("../templates/change_email_page.html")),
    ("account_created.html", include_str!("../templates/account_created.html")),
    ("account_created.txt", include_str!("../templates/account_created.txt")),
    ("account_deactivated.html", include_str!("../templates/account_deactivated.html")),
    ("account_deactivated.txt", include_str!("../templates/account_deactivated.txt")),
    ("endpoint_disabled.html", include_str!("../templates/endpoint_disabled.html")),
    ("endpoint_disabled.txt", include_str!("../templates/endpoint_disabled.txt")),
    ("deletion_requested.html", include_str!("../templates/deletion_requested.html")),
    ("deletion_requested.txt", include_str!("../templates/deletion_requested.txt")),
    ("invitation.html", include_str!("../templates/invitation.html")),
    ("invitation.txt", include_str!("../templates/invitation.txt")),
    ("restore_page.html", include_str!("../templates/restore_page.html")),
    ("security_notice.html", include_str!("../templates/security_notice.html")),
    ("security_notice.txt", include_str!("../templates/security_notice.txt")),
    ("password_page.html", include_str!("../templates/password_page.html")),
    ("confirm_page.html", include_str!("../templates/confirm_page.html")),
    ("result_page.html", include_str!("../templates/result_page.html")),
];

/// The parsed templates.
pub struct Templates {
    environment: Environment<'static>,
    public_url: String,
}

impl Templates {
    /// Parses all of them; `public_url` is where people find the product.
    ///
    /// # Errors
    /// When a template is malformed.
    pub fn new(public_url: &str) -> Result<Self, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        for (name, source) in SOURCES.iter().copied() {
            environment.add_template(name, source)?;
        }
        Ok(Self { environment, public_url: public_url.trim_end_matches('/').to_owned() })
    }

    /// Renders `name` with `title` and whatever else it asks for.
    ///
    /// # Errors
    /// When there is no such template, or it asks for a value that is not there.
    pub fn render(&self, name: &str, title: &str, values: Value) -> Result<String, minijinja::Error> {
        let common = context! { product => PRODUCT, public_url => &self.public_url, title };
        self.environment.get_template(name)?.render(context! { ..values, ..common })
    }

    /// An absolute link to a path of the public API, never built from a request's own host name.
    pub fn link(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.public_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"><script>alert(1)</script>";

    #[test]
    fn html_escapes_what_is_put_in() {
        let templates = Templates::new("https://witan.example/").unwrap();
        let values = context! { action => "/x", token => HOSTILE };
        let page = templates.render("confirm_page.html", HOSTILE, values).unwrap();
        assert!(!page.contains("<script>"), "{page}");
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn text_is_left_as_it_is() {
        let templates = Templates::new("https://witan.example").unwrap();
        let values = context! { link => "https://witan.example/?a=1&b=2", hours => 24 };
        let text = templates.render("verify_email.txt", "t", values).unwrap();
        assert!(text.contains("https://witan.example/?a=1&b=2"));
    }

    #[test]
    fn a_missing_value_is_an_error_rather_than_a_hole() {
        let templates = Templates::new("https://witan.example").unwrap();
        assert!(templates.render("verify_email.txt", "t", context! { hours => 24 }).is_err());
    }

    #[test]
    fn links_begin_at_the_configured_address() {
        let templates = Templates::new("https://witan.example/").unwrap();
        assert_eq!(templates.link("/api"), "https://witan.example/api");
    }
}
