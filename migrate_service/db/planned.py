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

"""The tables of plans; who writes what is told in ``models``."""

import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from migrate_service.db import models


class Plan(models.Base):
    """Machines that are moved in waves.

    ``waves`` are dicts of ``name``, ``after`` and ``concurrency``;
    ``options`` those of each migration, complete; ``windows`` are told in
    ``plans.windows``. ``cutover_requested_at`` is when a user asked that
    machines be cut over as they become ready. All its migrations act by
    one trust, of the user who started it: ``trust_mark`` is noted before it
    is made. ``attempt`` is the fencing token of the conductor that drives
    the plan until ``lease_expires_at``.
    """

    __tablename__ = 'plans'
    __table_args__ = (
        sa.Index('plans_project_idx', 'project_id', 'created_at'),
        models.Base.__table_args__,
    )

    id: orm.Mapped[str] = orm.mapped_column(models.Id, primary_key=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    request_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    description: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    source_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('sources.id', ondelete='CASCADE'), index=True
    )
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    options: orm.Mapped[dict] = orm.mapped_column(models.Json, default=dict)
    waves: orm.Mapped[list] = orm.mapped_column(models.Json, default=list)
    concurrency: orm.Mapped[int | None] = orm.mapped_column()
    on_failure: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    retries: orm.Mapped[int] = orm.mapped_column(default=0)
    windows: orm.Mapped[dict] = orm.mapped_column(models.Json)
    cutover_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(models.DateTime)
    )
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16), index=True)
    error: orm.Mapped[dict | None] = orm.mapped_column(models.Json)
    trust_mark: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    trust_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    attempt: orm.Mapped[int] = orm.mapped_column(default=0)
    lease_expires_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        models.DateTime
    )
    started_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        models.DateTime
    )
    ended_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        models.DateTime
    )


class PlanMachine(models.Base):
    """A machine of a plan; ``wave`` is the number of its wave, from 0.

    ``retry`` tells that a user resumed the plan after the machine failed;
    ``error`` is why the plan itself gave the machine up.
    """

    __tablename__ = 'plan_machines'

    plan_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('plans.id', ondelete='CASCADE'), primary_key=True
    )
    id: orm.Mapped[str] = orm.mapped_column(sa.String(255), primary_key=True)
    position: orm.Mapped[int] = orm.mapped_column()
    wave: orm.Mapped[int] = orm.mapped_column()
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    group_name: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    overrides: orm.Mapped[dict] = orm.mapped_column(models.Json, default=dict)
    migration_id: orm.Mapped[str | None] = orm.mapped_column(
        sa.ForeignKey('migrations.id'), index=True
    )
    retries: orm.Mapped[int] = orm.mapped_column(default=0)
    retry: orm.Mapped[bool] = orm.mapped_column(default=False)
    error: orm.Mapped[dict | None] = orm.mapped_column(models.Json)


class PlanEvent(models.Base):
    """Something that happened to a plan: its timeline."""

    __tablename__ = 'plan_events'

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    plan_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('plans.id', ondelete='CASCADE'), index=True
    )
    event: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    wave: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    machine_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    migration_id: orm.Mapped[str | None] = orm.mapped_column(models.Id)
    user_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    message: orm.Mapped[str | None] = orm.mapped_column(models.Text)
