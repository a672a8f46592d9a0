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


"""Waits for migrations and sources, and tells how they ended."""

import time

from keystoneauth1 import exceptions as auth_exceptions
from openstack import exceptions as sdk_exceptions
from osc_lib import exceptions

from migrate_client.osc import progress

#: Seconds between two looks.
INTERVAL = 2.0
#: How many looks in a row may fail before the wait is given up.
PATIENCE = 15

#: Nobody works on a migration in one of these.
SETTLED = frozenset({'cancelled', 'completed', 'error', 'waiting'})


def last_event(client, migration):
    """Return the id of the newest event of a migration, or None."""
    newest = None
    for event in client.migration_events(migration):
        newest = event.id
    return newest


def follow(client, migration, stream, after=None, until=SETTLED, over=None):
    """Show a migration on ``stream`` until it is settled; return it.

    A cancel or retry that was asked for is carried out later: until then
    the migration stands where it stood, which is no end.

    :param after: the id of the last event that is not to be shown.
    :param until: the statuses that end the wait.
    :param over: a function of the migration that tells another end.
    """
    display = progress.display(stream)
    try:
        while True:
            migration = _look(client.get_migration, migration.id)
            events = _look(_events, client, migration.id, after)
            display.show(migration, events)
            if events:
                after = events[-1].id
            ended = migration.status in until or (over and over(migration))
            if ended and not _asked(migration):
                return migration
            time.sleep(INTERVAL)
    except KeyboardInterrupt:
        stream.write(
            f'\nNo longer waiting; the migration {migration.id} goes on.\n'
        )
        raise
    finally:
        display.close()


def require(migration, statuses):
    """Raise ``CommandError`` unless a migration ended as was asked.

    :param statuses: those that are no failure of the command.
    """
    if migration.status in statuses:
        return
    error = migration.error
    if migration.status == 'error' and error:
        step = f' at the step {migration.step}' if migration.step else ''
        raise exceptions.CommandError(
            f'The migration {migration.id} ended in error{step}: '
            f'{_sentences(error)}'
        )
    raise exceptions.CommandError(
        f'The migration {migration.id} ended as {migration.status}.'
    )


def verified(client, source):
    """Wait until a source was verified and its inventory read; return it.

    :raises CommandError: the source is in error.
    """
    while True:
        source = _look(client.get_source, source.id)
        if source.status == 'verifying' or source.refresh_requested_at:
            time.sleep(INTERVAL)
            continue
        if source.status == 'error':
            raise exceptions.CommandError(
                f'The source {source.id} could not be verified: '
                f'{_sentences(source.error or {})}'
            )
        return source


def assessed(client, assessment):
    """Wait until an assessment has ended; return it.

    :raises CommandError: it ended in error.
    """
    while assessment.status in ('accepted', 'running'):
        time.sleep(INTERVAL)
        assessment = _look(client.get_assessment, assessment.id)
    if assessment.status == 'error':
        raise exceptions.CommandError(
            f'The assessment {assessment.id} ended in error: '
            f'{_sentences(assessment.error or {})}'
        )
    return assessment


def _asked(migration):
    return (
        migration.cancel_requested_at
        or migration.retry_requested_at
        or migration.sync_requested_at
        or migration.rehearse_requested_at
        or migration.rollback_requested_at
        or migration.prepare_requested_at
    )


def _events(client, migration, after):
    query = {'marker': after} if after else {}
    return list(client.migration_events(migration, **query))


def _look(ask, *args):
    """Return what ``ask`` returns; bear with a service that is away."""
    for _ in range(PATIENCE):
        try:
            return ask(*args)
        except auth_exceptions.ConnectFailure:
            pass
        except sdk_exceptions.HttpException as error:
            if (error.status_code or 0) < 500:
                raise
        time.sleep(INTERVAL)
    return ask(*args)


def _sentences(error):
    parts = [error.get('message'), error.get('remedy')]
    return ' '.join(part for part in parts if part)
