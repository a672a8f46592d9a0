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
"""The tables of assessments; who writes what is told in ``models``."""

import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from migrate_service.db import models


class Assessment(models.Leased, models.Base):
    """Concerns about many machines, found by a worker.

    ``status`` is ``accepted``, ``running``, ``completed`` or ``error``;
    ``machine_ids`` are those to look at, in order; ``totals`` what they take
    together; ``error`` is ``{'code', 'message', 'remedy'}``.
    """

    __tablename__ = 'assessments'
    __table_args__ = (
        sa.Index('assessments_project_idx', 'project_id', 'created_at'),
        models.Base.__table_args__,
    )

    id: orm.Mapped[str] = orm.mapped_column(models.Id, primary_key=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    request_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    source_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('sources.id', ondelete='CASCADE'), index=True
    )
    kind: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    options: orm.Mapped[dict] = orm.mapped_column(models.Json, default=dict)
    machine_ids: orm.Mapped[list] = orm.mapped_column(
        models.Json, default=list
    )
    trust_id: orm.Mapped[str | None] = orm.mapped_column(sa.String(64))
    status: orm.Mapped[str] = orm.mapped_column(sa.String(16), index=True)
    totals: orm.Mapped[dict | None] = orm.mapped_column(models.Json)
    error: orm.Mapped[dict | None] = orm.mapped_column(models.Json)
    ended_at: orm.Mapped[datetime.datetime | None] = orm.mapped_column(
        models.DateTime
    )


class AssessedMachine(models.Base):
    """What was found about one machine; ``data`` is the whole view."""

    __tablename__ = 'assessed_machines'
    __table_args__ = (
        sa.Index(
            'assessed_machines_severity_idx', 'assessment_id', 'severity'
        ),
        models.Base.__table_args__,
    )

    assessment_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('assessments.id', ondelete='CASCADE'), primary_key=True
    )
    id: orm.Mapped[str] = orm.mapped_column(sa.String(255), primary_key=True)
    position: orm.Mapped[int] = orm.mapped_column()
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    severity: orm.Mapped[str | None] = orm.mapped_column(sa.String(16))
    data: orm.Mapped[dict] = orm.mapped_column(models.Json)
