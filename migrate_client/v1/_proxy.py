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


"""The proxy: every call of the API as a method."""

import re

from openstack import exceptions

from migrate_client.v1 import _sharing
from migrate_client.v1 import assessment as _assessment
from migrate_client.v1 import datastore as _datastore
from migrate_client.v1 import event as _event
from migrate_client.v1 import limit as _limit
from migrate_client.v1 import log as _log
from migrate_client.v1 import machine as _machine
from migrate_client.v1 import manifest as _manifest
from migrate_client.v1 import mapping as _mapping
from migrate_client.v1 import migration as _migration
from migrate_client.v1 import network as _network
from migrate_client.v1 import plan as _plan
from migrate_client.v1 import rehearsal as _rehearsal
from migrate_client.v1 import simulation as _simulation
from migrate_client.v1 import source as _source
from migrate_client.v1 import worker as _worker

#: What an id may be made of; only such a text is put into a URL.
_ID = re.compile(r'[\w.-]+', re.ASCII)


class Proxy(_sharing.Sharing):
    api_version = '1'

    def request(self, url, method, *args, **kwargs):
        """Send a request; one with a password is kept out of the log."""
        body = kwargs.get('json') or {}
        if 'password' in body.get('source', {}):
            kwargs['log'] = False
        return super().request(url, method, *args, **kwargs)

    # Sources

    def sources(self, **query):
        """Yield the sources of the project."""
        return self._list(_source.Source, **query)

    def get_source(self, source):
        """Return a source, by id."""
        return self._get(_source.Source, source)

    def find_source(self, name_or_id, ignore_missing=True):
        """Return a source, by name or id; see :meth:`find_migration`."""
        return self._find_one(_source.Source, name_or_id, ignore_missing)

    def create_source(self, **attrs):
        """Register a source; a worker then verifies it."""
        return self._create(_source.Source, **attrs)

    def update_source(self, source, **attrs):
        """Change a source; it is verified again where that matters."""
        return self._update(_source.Source, source, **attrs)

    def delete_source(self, source, ignore_missing=True):
        """Forget a source and its inventory; it must not be in use."""
        self._delete(_source.Source, source, ignore_missing=ignore_missing)

    def refresh_source(self, source):
        """Ask that a source's inventory be read again; return it."""
        return self._get_resource(_source.Source, source).refresh(self)

    # The inventory of a source

    def machines(self, source, **query):
        """Yield the machines of a source."""
        return self._list(_machine.Machine, source_id=_id_of(source), **query)

    def get_machine(self, machine, source):
        """Return a machine of a source, by key."""
        return self._get(_machine.Machine, machine, source_id=_id_of(source))

    def find_machine(self, name_or_id, source, ignore_missing=True):
        """Return a machine of a source, by name or key."""
        return self._find_one(
            _machine.Machine,
            name_or_id,
            ignore_missing,
            source_id=_id_of(source),
        )

    def source_networks(self, source, **query):
        """Yield the networks of a source."""
        return self._list(_network.Network, source_id=_id_of(source), **query)

    def source_datastores(self, source, **query):
        """Yield the datastores of a source."""
        return self._list(
            _datastore.Datastore, source_id=_id_of(source), **query
        )

    # Mappings

    def mappings(self, **query):
        """Yield the mappings of the project."""
        return self._list(_mapping.Mapping, **query)

    def get_mapping(self, mapping):
        """Return a mapping, by id."""
        return self._get(_mapping.Mapping, mapping)

    def find_mapping(self, name_or_id, ignore_missing=True):
        """Return a mapping, by name or id; see :meth:`find_migration`."""
        return self._find_one(_mapping.Mapping, name_or_id, ignore_missing)

    def create_mapping(self, **attrs):
        """Create a mapping of a source."""
        return self._create(_mapping.Mapping, **attrs)

    def update_mapping(self, mapping, **attrs):
        """Change a mapping; migrations keep what it yielded."""
        return self._update(_mapping.Mapping, mapping, **attrs)

    def delete_mapping(self, mapping, ignore_missing=True):
        """Delete a mapping; migrations keep what it yielded."""
        self._delete(_mapping.Mapping, mapping, ignore_missing=ignore_missing)

    def unmapped(self, mapping, **which):
        """Return what a mapping leaves open of a set of machines.

        :param which: ``machine_ids``, or ``all``.
        """
        mapping = self._get_resource(_mapping.Mapping, mapping)
        return mapping.unmapped(self, which)

    # Assessments

    def assessments(self, **query):
        """Yield the assessments of the project."""
        return self._list(_assessment.Assessment, **query)

    def get_assessment(self, assessment):
        """Return an assessment, by id."""
        return self._get(_assessment.Assessment, assessment)

    def create_assessment(self, **attrs):
        """Have machines assessed; a worker does it."""
        return self._create(_assessment.Assessment, **attrs)

    def delete_assessment(self, assessment, ignore_missing=True):
        """Forget an assessment that has ended."""
        self._delete(
            _assessment.Assessment, assessment, ignore_missing=ignore_missing
        )

    def assessed_machines(self, assessment, **query):
        """Yield what an assessment found about each machine."""
        return self._list(
            _assessment.AssessedMachine,
            assessment_id=_id_of(assessment),
            **query,
        )

    # Plans

    def plans(self, **query):
        """Yield the plans of the project."""
        return self._list(_plan.Plan, **query)

    def get_plan(self, plan):
        """Return a plan, by id."""
        return self._get(_plan.Plan, plan)

    def find_plan(self, name_or_id, ignore_missing=True):
        """Return a plan, by name or id; see :meth:`find_migration`."""
        return self._find_one(_plan.Plan, name_or_id, ignore_missing)

    def create_plan(self, **attrs):
        """Create a plan; nothing moves before it is started."""
        return self._create(_plan.Plan, **attrs)

    def update_plan(self, plan, **attrs):
        """Change a plan: its rules while it runs, all of a draft."""
        return self._update(_plan.Plan, plan, **attrs)

    def delete_plan(self, plan, ignore_missing=True):
        """Delete a plan that moves nothing; its migrations stay."""
        self._delete(_plan.Plan, plan, ignore_missing=ignore_missing)

    def start_plan(self, plan):
        """Start a plan; return it."""
        return self._get_resource(_plan.Plan, plan).act(self, 'start')

    def pause_plan(self, plan):
        """Begin nothing new in a plan; return it."""
        return self._get_resource(_plan.Plan, plan).act(self, 'pause')

    def resume_plan(self, plan):
        """Go on with a plan; return it."""
        return self._get_resource(_plan.Plan, plan).act(self, 'resume')

    def cut_over_plan(self, plan):
        """Cut over what is ready in a plan, now; return the plan."""
        return self._get_resource(_plan.Plan, plan).act(self, 'cutover')

    def cancel_plan(self, plan):
        """Cancel a plan and what it moves; return it."""
        return self._get_resource(_plan.Plan, plan).act(self, 'cancel')

    def simulate_plan(self, plan, **query):
        """Return how long a plan would take; nothing is moved."""
        simulation = _simulation.Simulation.new(plan_id=_id_of(plan))
        return simulation.fetch(self, requires_id=False, **query)

    def plan_machines(self, plan, **query):
        """Yield the machines of a plan."""
        return self._list(_plan.PlanMachine, plan_id=_id_of(plan), **query)

    def plan_events(self, plan, **query):
        """Yield the events of a plan, oldest first."""
        return self._list(_plan.PlanEvent, plan_id=_id_of(plan), **query)

    # Limits

    def limits(self):
        """Yield the limits of the project and its use of them."""
        return self._list(_limit.Limit)

    # Migrations

    def migrations(self, **query):
        """Yield the migrations of the project."""
        return self._list(_migration.Migration, **query)

    def get_migration(self, migration):
        """Return a migration, by id."""
        return self._get(_migration.Migration, migration)

    def find_migration(self, name_or_id, ignore_missing=True):
        """Return a migration, by name or id.

        :raises DuplicateResource: several have the name; all are named.
        :raises NotFoundException: none has it, and ``ignore_missing`` is
            False.
        """
        return self._find_one(_migration.Migration, name_or_id, ignore_missing)

    def create_migration(self, **attrs):
        """Accept the migration of one machine."""
        return self._create(_migration.Migration, **attrs)

    def delete_migration(self, migration, ignore_missing=True):
        """Forget a migration that has ended."""
        self._delete(
            _migration.Migration, migration, ignore_missing=ignore_missing
        )

    def cancel_migration(self, migration):
        """Ask that a migration stop and be rolled back; return it."""
        return self._get_resource(_migration.Migration, migration).cancel(self)

    def retry_migration(self, migration):
        """Ask that a failed migration go on; return it."""
        return self._get_resource(_migration.Migration, migration).retry(self)

    def cut_over_migration(self, migration, **when):
        """Ask that the source of a warm migration be stopped.

        :param when: ``at``, or ``not_before`` and ``not_after``, ISO 8601;
            ``max_downtime``, seconds. Nothing is now.
        """
        migration = self._get_resource(_migration.Migration, migration)
        return migration.cut_over(self, **when)

    def withdraw_cutover(self, migration):
        """Take back the wish for a cutover that has not begun."""
        migration = self._get_resource(_migration.Migration, migration)
        return migration.withdraw_cutover(self)

    def sync_migration(self, migration):
        """Ask that a warm migration copy what changed, now."""
        return self._get_resource(_migration.Migration, migration).sync(self)

    def rehearse_migration(self, migration, **attrs):
        """Ask for a test boot of a warm migration; return the rehearsal.

        :param attrs: ``network_id`` and ``probe``.
        """
        migration = self._get_resource(_migration.Migration, migration)
        answer = migration.rehearse(self, attrs)
        return _rehearsal.Rehearsal.existing(
            connection=self._get_connection(), **answer
        )

    def rehearsals(self, migration, **query):
        """Yield the rehearsals of a migration, oldest first."""
        return self._list(
            _rehearsal.Rehearsal, migration_id=_id_of(migration), **query
        )

    def get_rehearsal(self, rehearsal, migration):
        """Return a rehearsal of a migration with its console, by id."""
        return self._get(
            _rehearsal.Rehearsal, rehearsal, migration_id=_id_of(migration)
        )

    def accept_migration(self, migration):
        """Accept the server of a migration: the source stays off."""
        return self._get_resource(_migration.Migration, migration).accept(self)

    def roll_back_migration(self, migration, replica=None):
        """Ask that the source of a migration be brought back.

        :param replica: ``keep`` or ``discard`` the volumes.
        """
        migration = self._get_resource(_migration.Migration, migration)
        return migration.roll_back(self, replica)

    def prepare_migration(self, migration, username, password, revert=False):
        """Ask that the guest of a warm migration be prepared; return it.

        :param username, password: of the guest, root or with sudo.
        :param revert: take an earlier preparation back.
        """
        migration = self._get_resource(_migration.Migration, migration)
        return migration.prepare(self, username, password, revert)

    def migration_events(self, migration, **query):
        """Yield the events of a migration, oldest first."""
        return self._list(
            _event.Event, migration_id=_id_of(migration), **query
        )

    def migration_log(self, migration, **query):
        """Yield the pieces of the logs of a migration, oldest first."""
        return self._list(_log.Log, migration_id=_id_of(migration), **query)

    def get_migration_manifest(self, migration, **query):
        """Return the hashes of what a migration has read.

        :param query: ``disk``, the key of the one that is wanted.
        """
        manifest = _manifest.Manifest.new(migration_id=_id_of(migration))
        return manifest.fetch(self, requires_id=False, **query)

    # Workers

    def workers(self, **query):
        """Yield the workers; administrators only."""
        return self._list(_worker.Worker, **query)

    def get_worker(self, worker):
        """Return a worker, by name."""
        return self._get(_worker.Worker, worker)

    def update_worker(self, worker, **attrs):
        """Change the state of a worker and the reason for it."""
        return self._update(_worker.Worker, worker, **attrs)

    def _find_one(self, kind, name_or_id, ignore_missing, **uri):
        """Return the one resource with a name or id.

        Not the SDK's own ``find``: a name may hold a slash, and an answer
        to an ambiguous name must say what there is to choose from.
        """
        if _ID.fullmatch(name_or_id):
            try:
                return self._get(kind, name_or_id, **uri)
            except exceptions.NotFoundException:
                pass
        found = [
            one
            for one in self._list(kind, name=name_or_id, **uri)
            if one.name == name_or_id
        ]
        noun = kind.resource_key
        if len(found) > 1:
            ids = ', '.join(one.id for one in found)
            raise exceptions.DuplicateResource(
                f'Several {noun}s are named {name_or_id}: {ids}. '
                'Use the id of one of them.'
            )
        if found or ignore_missing:
            return found[0] if found else None
        raise exceptions.NotFoundException(
            f'No {noun} has the name or id {name_or_id}.'
        )


def _id_of(resource):
    """Return the id of a resource, or the id that was given instead."""
    return getattr(resource, 'id', resource)
