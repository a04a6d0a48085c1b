"""What the doors share: layout, CSRF, cookies, headers, error pages. Refuses any page's subject."""
