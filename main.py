"""The CRM's entry: `main:app` for gunicorn, `flask --app main` for the command line."""

from crm import create_app

app = create_app()
