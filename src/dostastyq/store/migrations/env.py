"""What Alembic runs: the migrations, in the transaction of the connection it was given."""

from alembic import context

if hasattr(context, "config"):
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
    context.run_migrations()
