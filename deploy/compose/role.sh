#!/bin/sh
# Runs once, when the database is made: the gateways' own role, which owns its tables and may nothing else.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --set=password="$(cat /run/secrets/tongban_password)" <<'SQL'
CREATE ROLE tongban LOGIN PASSWORD :'password';
CREATE DATABASE tongban OWNER tongban;
REVOKE CONNECT, TEMPORARY ON DATABASE tongban FROM PUBLIC;
SQL
