# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""The engine and its transactions; each noun's queries are in a module.

Two rules keep writers apart on every back end. Candidates are read in a
reader transaction of their own, and a writer transaction starts with an
UPDATE, INSERT or DELETE: else SQLite says "database is locked" and InnoDB
takes gap locks. Rows leave a function loaded and detached: to change one is
to call a function of these modules.
"""

import sqlalchemy as sa
from oslo_db import api
from oslo_db import exception
from oslo_db.sqlalchemy import enginefacade

context_manager = enginefacade.transaction_context()

#: Options of ``[database]`` that concern the engine.
ENGINE_OPTIONS = (
    'connection',
    'slave_connection',
    'sqlite_synchronous',
    'mysql_sql_mode',
    'mysql_wsrep_sync_wait',
    'connection_recycle_time',
    'connection_debug',
    'connection_trace',
    'connection_parameters',
    'max_pool_size',
    'max_overflow',
    'pool_timeout',
    'max_retries',
    'retry_interval',
)
#: Seconds that a writer waits for another one on SQLite.
SQLITE_TIMEOUT = 30


def configure(conf, manager=context_manager):
    """Take the engine's options from ``[database]``, before its first use."""
    options = {name: conf.database[name] for name in ENGINE_OPTIONS}
    manager.append_on_engine_create(_prepare_sqlite)
    manager.configure(sqlite_fk=True, **options)


def _prepare_sqlite(engine):
    """Let readers of a SQLite file go on while one process writes."""
    if engine.dialect.name != 'sqlite':
        return

    @sa.event.listens_for(engine, 'connect')
    def set_pragmas(connection, record):
        connection.execute(f'PRAGMA busy_timeout = {SQLITE_TIMEOUT * 1000}')
        connection.execute('PRAGMA journal_mode = WAL')


def _lost_a_race(error):
    return isinstance(error, exception.DBError) and (
        'database is locked' in str(error)
    )


#: Runs a whole transaction again when the database gave it up.
retry = api.wrap_db_retry(
    max_retries=10,
    retry_interval=0.05,
    max_retry_interval=1,
    jitter=True,
    retry_on_deadlock=True,
    exception_checker=_lost_a_race,
)


def reader(function):
    """Run ``function(context, ...)`` in a reading transaction."""
    return context_manager.reader(function)


def writer(function):
    """Run ``function(context, ...)`` in a writing transaction, with retry."""
    return retry(context_manager.writer(function))
