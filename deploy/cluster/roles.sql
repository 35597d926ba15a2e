-- Run once, on the primary, as postgres, with the new role's password in the environment (docs/cluster.md, section 3):
--   runuser -u postgres -- psql -h /run/meyasubako-cluster -v ON_ERROR_STOP=1 <roles.sql
-- The site's role owns its database and nothing else; replicator and rewind are made by Patroni.
\getenv password MEYASUBAKO_PASSWORD
CREATE ROLE meyasubako LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 90 PASSWORD :'password';
CREATE DATABASE meyasubako OWNER meyasubako TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE meyasubako FROM PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
-- Patroni's role for bringing a former primary back; without this, it never joins again.
GRANT CONNECT ON DATABASE postgres TO rewind;
-- So that `meyasubako doctor` and the metrics see which standbys hold a report. It shows no row of a table.
GRANT pg_read_all_stats TO meyasubako;
\connect meyasubako
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO meyasubako;
