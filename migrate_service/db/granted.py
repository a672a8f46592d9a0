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
"""The table of grants, and what of a source they let a project see."""

import dataclasses

import sqlalchemy as sa
from sqlalchemy import orm

from migrate_service.db import models


class Grant(models.Base):
    """An operator's permission for a project to see a part of a source.

    A machine is seen if it is in one of ``folders`` or below it, has one of
    ``tags``, or is in a resource pool of that name.
    """

    __tablename__ = 'grants'
    __table_args__ = (
        sa.Index('grants_project_idx', 'project_id', 'source_id'),
        models.Base.__table_args__,
    )

    id: orm.Mapped[str] = orm.mapped_column(models.Id, primary_key=True)
    source_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('sources.id', ondelete='CASCADE'), index=True
    )
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    folders: orm.Mapped[list] = orm.mapped_column(models.Json, default=list)
    tags: orm.Mapped[list] = orm.mapped_column(models.Json, default=list)
    resource_pools: orm.Mapped[list] = orm.mapped_column(
        models.Json, default=list
    )


@dataclasses.dataclass(frozen=True)
class Scope:
    """The part of a source that grants show; empty, it is nothing."""

    folders: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    resource_pools: frozenset[str] = frozenset()


def scope_of(grants):
    """Return the :class:`Scope` of rows of grants, all together."""
    return Scope(
        *(
            frozenset(entry for row in grants for entry in getattr(row, name))
            for name in ('folders', 'tags', 'resource_pools')
        )
    )


def seen(scope):
    """Return the condition on ``models.Machine`` of what a scope shows.

    :param scope: None for all machines of a source.
    """
    if scope is None:
        return sa.true()
    machine = models.Machine
    conditions = [below(folder) for folder in sorted(scope.folders)]
    conditions += [tagged(tag) for tag in sorted(scope.tags)]
    conditions.append(machine.resource_pool.in_(sorted(scope.resource_pools)))
    return sa.or_(*conditions)


def below(folder):
    """Return the condition of machines in a folder or below it."""
    folder = folder.rstrip('/')
    column = models.Machine.folder
    return sa.or_(
        column == folder, column.startswith(f'{folder}/', autoescape=True)
    )


def tagged(tag):
    """Return the condition of machines with a tag."""
    return (
        sa.select(models.MachineTag.tag)
        .where(
            models.MachineTag.source_id == models.Machine.source_id,
            models.MachineTag.machine_id == models.Machine.id,
            models.MachineTag.tag == tag,
        )
        .exists()
    )
