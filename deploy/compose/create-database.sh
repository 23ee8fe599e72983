#!/bin/sh
# Run by the image of PostgreSQL once, when its volume is empty: a user who owns one database and nothing else.
set -eu
password=$(cat "${PASSWORD_FILE:-/run/secrets/postgres-password}")
# By standard input: an argument could be read by others.
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
create role fluentmeet login password '$password';
create database fluentmeet owner fluentmeet;
revoke all on database fluentmeet from public;
SQL
