#!/bin/sh
# A database and two roles a service, as chassis/run/embedded/postgres.py makes them: the owner migrates, the service
# reads and appends. PostgreSQL's image runs this when its volume is empty. Run again, it makes what is missing, and
# sets the passwords to what the files say.
set -eu

secrets=${PLACET_SECRETS:-/run/secrets}
PGPASSWORD=$(cat "$secrets/postgres-superuser")
export PGPASSWORD

for service in accreditation access notifications operations; do
    for role in "$service" "${service}_owner"; do
        [ -s "$secrets/postgres-$role" ] || { echo "There is no password in $secrets/postgres-$role." >&2; exit 1; }
    done
    # psql reads the passwords from their files: as arguments they would stand in the list of processes.
    psql --no-psqlrc --quiet --username postgres --dbname postgres --set ON_ERROR_STOP=1 \
        --set service="$service" --set owner="${service}_owner" --set secrets="$secrets" <<'SQL'
\set owner_password `cat :'secrets'/postgres-:'owner'`
\set service_password `cat :'secrets'/postgres-:'service'`
SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY[:'owner', :'service']) AS role
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE :"owner" LOGIN PASSWORD :'owner_password';
ALTER ROLE :"service" LOGIN PASSWORD :'service_password';
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'owner')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
-- CREATE lets the service make and swap the schemas of its own views; the log stays the owner's.
GRANT CONNECT, CREATE ON DATABASE :"service" TO :"service";
SQL
done
