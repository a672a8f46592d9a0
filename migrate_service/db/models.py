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

"""The tables.

Who may write a column is part of the design: the API creates rows and writes
*intents* (``..._requested_at``); the conductor alone writes status, step and
lease, and stores progress and checkpoint for the holder of the lease.
"""

import datetime
import typing

import sqlalchemy as sa
from oslo_db.sqlalchemy import models
from sqlalchemy import orm
from sqlalchemy.dialects import mysql

#: Microseconds everywhere: MySQL would cut them off.
DateTime = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
#: 16 MiB on MySQL instead of 64 KiB.
Text = sa.Text().with_variant(mysql.MEDIUMTEXT(), 'mysql')
#: Ends with an index; plain BLOB of MySQL holds 64 KiB, enough for a chunk.
Bytes = sa.LargeBinary()

Id = sa.String(36)
Json = sa.JSON


class Base(models.ModelBase, orm.DeclarativeBase):
    """Base of the tables; ``created_at`` and ``updated_at`` in UTC."""

    #: Names are compared to the letter, as the other back ends do.
    __table_args__: typing.Any = {
        'mysql_engine': 'InnoDB',
        'mysql_charset': 'utf8mb4',
        'mysql_collate': 'utf8mb4_bin',
    }

    created_at: orm.Mapped[datetime.datetime] = orm.mapped_column(
        DateTime, default=lambda: now()
    )
    updated_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime, onupdate=lambda: now()
    )


def now():
    """Return the present time, UTC without zone, as the tables hold it."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


class Leased:
    """Columns of a row that workers lease; ``attempt`` is the fencing token.

    ``step_attempts`` counts the claims of the present step,
    ``not_before`` delays the next claim after a transient failure.
    """

    worker: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    attempt: orm.Mapped[int] = orm.mapped_column(default=0)
    step_attempts: orm.Mapped[int] = orm.mapped_column(default=0)
    lease_expires_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    not_before: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )


class Source(Leased, Base):
    """Where machines come from. ``secret`` is a reference or ciphertext.

    ``status`` is ``verifying``, ``ready`` or ``error``; ``error`` holds
    ``{'code', 'message', 'remedy'}``; ``product`` what the source said.
    """

    __tablename__ = 'sources'

    id: orm.Mapped[str] = orm.mapped_column(Id, primary_key=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64), index=True)
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    description: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    driver: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    address: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    port: orm.Mapped[int] = orm.mapped_column(default=443)
    username: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    secret: orm.Mapped[str] = orm.mapped_column(Text)
    ca: orm.Mapped[str | None] = orm.mapped_column(Text)
    fingerprint: orm.Mapped[str | None] = orm.mapped_column(sa.String(95))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16), index=True)
    error: orm.Mapped[dict | None] = orm.mapped_column(Json)
    product: orm.Mapped[dict | None] = orm.mapped_column(Json)
    inventory_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    refresh_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )


class Machine(Base):
    """A machine of the cached inventory; ``data`` is the whole shape."""

    __tablename__ = 'machines'

    source_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('sources.id', ondelete='CASCADE'), primary_key=True
    )
    id: orm.Mapped[str] = orm.mapped_column(sa.String(255), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255), index=True)
    power_state: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    folder: orm.Mapped[str | None] = orm.mapped_column(sa.String(1024))
    cluster: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    guest_family: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    resource_pool: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    refresh: orm.Mapped[int] = orm.mapped_column()
    data: orm.Mapped[dict] = orm.mapped_column(Json)


class MachineTag(Base):
    """A tag of a machine, to filter by."""

    __tablename__ = 'machine_tags'
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ['source_id', 'machine_id'],
            ['machines.source_id', 'machines.id'],
            ondelete='CASCADE',
        ),
        Base.__table_args__,
    )

    source_id: orm.Mapped[str] = orm.mapped_column(Id, primary_key=True)
    machine_id: orm.Mapped[str] = orm.mapped_column(
        sa.String(255), primary_key=True
    )
    tag: orm.Mapped[str] = orm.mapped_column(sa.String(255), primary_key=True)


class SourceItem(Base):
    """A network or datastore of the cached inventory."""

    __tablename__ = 'source_items'

    source_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('sources.id', ondelete='CASCADE'), primary_key=True
    )
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16), primary_key=True)
    id: orm.Mapped[str] = orm.mapped_column(sa.String(255), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    refresh: orm.Mapped[int] = orm.mapped_column()
    data: orm.Mapped[dict] = orm.mapped_column(Json)


class Migration(Leased, Base):
    """One machine on its way.

    ``machine_id`` is the key of the machine in its source. ``in_use`` is
    ``<source_id>/<machine_id>`` until the migration ended, then NULL: its
    unique index is what keeps a machine from being moved twice at a time.
    ``options`` are the user's choices; ``result`` holds ``server_id``,
    ``volume_ids`` and ``port_ids``; ``error`` the last
    ``{'code', 'message', 'remedy'}``. ``cutover_at`` is from when a warm
    migration shall stop its source, before ``cutover_not_after`` and once
    the predicted downtime is at most ``max_downtime`` seconds;
    ``not_before`` while it waits the time of its next round. ``home`` is
    the worker that had it last; others leave it alone until ``home_until``.
    ``accept_at`` is when its result is accepted, ``rollback`` how it is taken
    back: ``{'replica': 'keep' or 'discard', 'automatic'}``.
    """

    __tablename__ = 'migrations'
    __table_args__ = (
        sa.Index('migrations_free_idx', 'status', 'worker'),
        sa.Index('migrations_held_idx', 'worker', 'source_id', 'project_id'),
        sa.Index('migrations_lease_idx', 'lease_expires_at'),
        sa.Index('migrations_project_idx', 'project_id', 'created_at'),
        Base.__table_args__,
    )

    id: orm.Mapped[str] = orm.mapped_column(Id, primary_key=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    request_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    source_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('sources.id'), index=True
    )
    machine_id: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    machine_name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    in_use: orm.Mapped[str | None] = orm.mapped_column(
        sa.String(300), unique=True
    )
    options: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    trust_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    step: orm.Mapped[str | None] = orm.mapped_column(sa.String(32))
    progress: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    checkpoint: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    result: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    warnings: orm.Mapped[list] = orm.mapped_column(Json, default=list)
    error: orm.Mapped[dict | None] = orm.mapped_column(Json)
    started_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    ended_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    cancel_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )
    retry_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )
    sync_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )
    cutover_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    cutover_not_after: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )
    max_downtime: orm.Mapped[int | None] = orm.mapped_column()
    home: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    home_until: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    rehearse_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )
    rehearsal: orm.Mapped[dict | None] = orm.mapped_column(Json)
    accept_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    rollback_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )
    rollback: orm.Mapped[dict | None] = orm.mapped_column(Json)
    prepare_requested_at: orm.Mapped[datetime.datetime | None] = (
        orm.mapped_column(DateTime)
    )


class Rehearsal(Base):
    """A test boot of a migration, and the evidence of it.

    ``status`` is ``requested``, ``running``, ``ended`` or ``cancelled``;
    ``verdict`` then ``passed`` or ``failed``. ``error`` is why it failed;
    ``result`` holds what the probes and the conversion found, ``timings``
    the seconds of each step. The migration's ``rehearsal`` is the
    ``{'id', 'status', 'verdict'}`` of the last one.
    """

    __tablename__ = 'rehearsals'

    id: orm.Mapped[str] = orm.mapped_column(Id, primary_key=True)
    migration_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('migrations.id', ondelete='CASCADE'), index=True
    )
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    options: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    verdict: orm.Mapped[str | None] = orm.mapped_column(sa.String(16))
    error: orm.Mapped[dict | None] = orm.mapped_column(Json)
    result: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    timings: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    console: orm.Mapped[str | None] = orm.mapped_column(Text)
    started_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
    ended_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )


class LedgerEntry(Base):
    """Something that the migration makes or changes, on either side.

    Written with state ``intended`` *before* the act, then ``present`` with
    the resource id, ``removed`` when it was undone and ``released`` when it
    stays as it is for good. ``kind`` is
    ``volume``, ``attachment``, ``port``, ``network``, ``server``, ``trust``,
    ``power`` (the source was switched off), ``snapshot`` or ``tracking`` (of
    changed blocks, switched on); ``key`` names it within the migration (a
    disk's or NIC's key; ``rehearsal:`` stands before what is made for one).
    """

    __tablename__ = 'ledger'
    __table_args__ = (
        sa.UniqueConstraint('migration_id', 'kind', 'key'),
        Base.__table_args__,
    )

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    migration_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('migrations.id', ondelete='CASCADE'), index=True
    )
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    key: orm.Mapped[str] = orm.mapped_column(sa.String(200))
    resource_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    state: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    details: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)


class Event(Base):
    """A transition of a migration: the audit trail and the timeline."""

    __tablename__ = 'migration_events'

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    migration_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('migrations.id', ondelete='CASCADE'), index=True
    )
    event: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    step: orm.Mapped[str | None] = orm.mapped_column(sa.String(32))
    attempt: orm.Mapped[int] = orm.mapped_column(default=0)
    worker: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    user_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    message: orm.Mapped[str | None] = orm.mapped_column(Text)
    details: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)


class Log(Base):
    """A piece of the log of a tool, in the order of ``id``."""

    __tablename__ = 'migration_logs'

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    migration_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('migrations.id', ondelete='CASCADE'), index=True
    )
    step: orm.Mapped[str] = orm.mapped_column(sa.String(32))
    tool: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    attempt: orm.Mapped[int] = orm.mapped_column(default=0)
    text: orm.Mapped[str] = orm.mapped_column(Text)


class ManifestChunk(Base):
    """Hashes of 1024 regions of 4 MiB of one disk, 32 bytes each."""

    __tablename__ = 'manifest_chunks'

    migration_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('migrations.id', ondelete='CASCADE'), primary_key=True
    )
    disk: orm.Mapped[str] = orm.mapped_column(sa.String(64), primary_key=True)
    chunk: orm.Mapped[int] = orm.mapped_column(
        primary_key=True, autoincrement=False
    )
    hashes: orm.Mapped[bytes] = orm.mapped_column(Bytes)


class Worker(Base):
    """A worker, by the name of its node.

    ``state`` is what the operator set: ``enabled``, ``disabled`` (takes
    nothing new) or ``draining`` (also gives back what it has).
    """

    __tablename__ = 'workers'

    name: orm.Mapped[str] = orm.mapped_column(sa.String(255), primary_key=True)
    incarnation: orm.Mapped[str] = orm.mapped_column(Id)
    version: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    state: orm.Mapped[str] = orm.mapped_column(
        sa.String(16), default='enabled'
    )
    reason: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    slots: orm.Mapped[int] = orm.mapped_column(default=0)
    used: orm.Mapped[int] = orm.mapped_column(default=0)
    load: orm.Mapped[dict] = orm.mapped_column(Json, default=dict)
    transports: orm.Mapped[list] = orm.mapped_column(Json, default=list)
    facts: orm.Mapped[dict | None] = orm.mapped_column(Json)
    last_seen_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        DateTime
    )
