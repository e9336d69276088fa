"""What an admin does with language models: see, fetch, try, remove. Behind the CRM's models page.

Everything that takes time belongs to the service and not to the page that began it: it goes on when the page is closed,
and any page shows how far it is.
"""
