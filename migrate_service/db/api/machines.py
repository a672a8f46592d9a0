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

"""Queries on the cached inventory: machines, networks, datastores."""

import sqlalchemy as sa

from migrate_service import exceptions
from migrate_service.db import api
from migrate_service.db import granted
from migrate_service.db import models
from migrate_service.db.api import leases
from migrate_service.db.api import paging

#: Kinds of ``models.SourceItem`` by their name in a page of an inventory.
ITEM_KINDS = {'networks': 'network', 'datastores': 'datastore'}


@api.reader
def get(context, source_id, id, scope=None):
    """Return a machine of a source.

    :param scope: what of the source may be seen, None for all of it.
    :raises MachineNotFound: the inventory does not hold it, or not there.
    """
    machine = context.session.scalars(
        sa.select(models.Machine)
        .filter_by(source_id=source_id, id=id)
        .where(granted.seen(scope))
    ).first()
    if machine is None:
        raise exceptions.MachineNotFound(source=source_id, machine=id)
    return machine


@api.reader
def some(context, source_id, ids, scope=None):
    """Return ``{id: dict of inventory.Machine}`` of those that there are.

    :param scope: what of the source may be seen, None for all of it.
    """
    machine = models.Machine
    query = (
        sa.select(machine.id, machine.data)
        .where(machine.source_id == source_id, machine.id.in_(ids))
        .where(granted.seen(scope))
    )
    return dict(context.session.execute(query).tuples().all())


@api.reader
def names(context, source_id, scope=None):
    """Return ``{id: name}`` of all machines of a source.

    :param scope: what of the source may be seen, None for all of it.
    """
    query = (
        sa.select(models.Machine.id, models.Machine.name)
        .filter_by(source_id=source_id)
        .where(granted.seen(scope))
    )
    return dict(context.session.execute(query).tuples().all())


@api.reader
def page(context, source_id, filters, page, scope=None):
    """Return a page of the machines of a source.

    :param filters: ``power_state``, ``cluster`` and ``guest_family`` equal,
        ``name`` is a part in any case, ``folder`` a folder or one above,
        ``tag`` one of the tags.
    :param scope: what of the source may be seen, None for all of it.
    """
    filters = dict(filters)
    query = (
        sa.select(models.Machine)
        .filter_by(source_id=source_id)
        .where(granted.seen(scope))
    )
    name = filters.pop('name', None)
    folder = filters.pop('folder', None)
    tag = filters.pop('tag', None)
    if name is not None:
        lower = sa.func.lower(models.Machine.name)
        query = query.where(lower.contains(name.lower(), autoescape=True))
    if folder is not None:
        query = query.where(granted.below(folder))
    if tag is not None:
        query = query.where(granted.tagged(tag))
    query = query.filter_by(**filters)
    return paging.fetch(context, query, models.Machine, page)


def _used(context, source_id, kind, scope):
    """Return the condition of items that machines of a scope are on."""
    if scope is None:
        return sa.true()
    query = (
        sa.select(models.Machine.data)
        .filter_by(source_id=source_id)
        .where(granted.seen(scope))
    )
    parts = {'network': 'nics', 'datastore': 'disks'}
    keys = {
        part[kind]
        for data in context.session.scalars(query)
        for part in data[parts[kind]]
    }
    return models.SourceItem.id.in_(sorted(keys - {None}))


@api.reader
def item_page(context, source_id, kind, filters, page, scope=None):
    """Return a page of items; ``kind`` is ``network`` or ``datastore``.

    :param scope: what of the source may be seen, None for all of it.
    """
    query = (
        sa.select(models.SourceItem)
        .filter_by(source_id=source_id, kind=kind, **filters)
        .where(_used(context, source_id, kind, scope))
    )
    return paging.fetch(context, query, models.SourceItem, page)


@api.reader
def item_names(context, source_id, kind, scope=None):
    """Return ``{key: name}`` of all items of a kind.

    :param scope: what of the source may be seen, None for all of it.
    """
    query = (
        sa.select(models.SourceItem.id, models.SourceItem.name)
        .filter_by(source_id=source_id, kind=kind)
        .where(_used(context, source_id, kind, scope))
    )
    return dict(context.session.execute(query).tuples().all())


@api.reader
def items(context, source_id, kind):
    """Return ``{key: data}`` of all items of a kind."""
    query = sa.select(models.SourceItem.id, models.SourceItem.data).filter_by(
        source_id=source_id, kind=kind
    )
    return dict(context.session.execute(query).tuples().all())


@api.writer
def store(context, source_id, worker, attempt, items):
    """Insert or update a page of an inventory that is being read.

    :param items: ``{'machines': [], 'networks': [], 'datastores': []}`` of
        the dicts of ``inventory``; each part may be missing.
    :raises LeaseLost: the source is leased to somebody else.
    """
    leases.hold(context, models.Source, source_id, worker, attempt)
    machines = {item['key']: item for item in items.get('machines', ())}
    _store_machines(context, source_id, attempt, machines)
    _store_tags(context, source_id, machines)
    for name, kind in ITEM_KINDS.items():
        found = {item['key']: item for item in items.get(name, ())}
        _store_items(context, source_id, attempt, kind, found)


def _store_machines(context, source_id, refresh, machines):
    query = sa.select(models.Machine).where(
        models.Machine.source_id == source_id,
        models.Machine.id.in_(machines),
    )
    known = {row.id: row for row in context.session.scalars(query)}
    for key, data in machines.items():
        row = known.get(key) or models.Machine(source_id=source_id, id=key)
        row.name = data['name']
        row.power_state = data['power_state']
        row.folder = data['folder']
        row.cluster = data['cluster']
        row.guest_family = data['guest_family']
        row.resource_pool = data['resource_pool']
        row.refresh = refresh
        row.data = data
        context.session.add(row)
    context.session.flush()


def _store_tags(context, source_id, machines):
    query = sa.select(models.MachineTag).where(
        models.MachineTag.source_id == source_id,
        models.MachineTag.machine_id.in_(machines),
    )
    known = {
        (row.machine_id, row.tag): row
        for row in context.session.scalars(query)
    }
    wanted = {
        (key, tag.strip())
        for key, data in machines.items()
        for tag in data['tags']
    }
    for place, row in known.items():
        if place not in wanted:
            context.session.delete(row)
    for machine_id, tag in sorted(wanted - known.keys()):
        context.session.add(
            models.MachineTag(
                source_id=source_id, machine_id=machine_id, tag=tag
            )
        )
    context.session.flush()


def _store_items(context, source_id, refresh, kind, items):
    query = sa.select(models.SourceItem).where(
        models.SourceItem.source_id == source_id,
        models.SourceItem.kind == kind,
        models.SourceItem.id.in_(items),
    )
    known = {row.id: row for row in context.session.scalars(query)}
    for key, data in items.items():
        row = known.get(key) or models.SourceItem(
            source_id=source_id, kind=kind, id=key
        )
        row.name, row.refresh, row.data = data['name'], refresh, data
        context.session.add(row)
    context.session.flush()


@api.writer
def finish_refresh(context, source_id, worker, attempt, values):
    """Write the end of a refresh and forget what it did not see.

    :param values: columns of the source; what frees it among them.
    :raises LeaseLost: the source is leased to somebody else.
    """
    leases.write(
        context,
        models.Source,
        source_id,
        values,
        worker=worker,
        attempt=attempt,
    )
    for model in (models.Machine, models.SourceItem):
        context.session.execute(
            sa.delete(model)
            .where(model.source_id == source_id, model.refresh != attempt)
            .execution_options(synchronize_session=False)
        )
