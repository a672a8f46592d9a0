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
"""The table of mappings."""

import sqlalchemy as sa
from sqlalchemy import orm

from migrate_service.db import models


class Mapping(models.Base):
    """Where the machines of a source go, by name, for many migrations.

    ``options`` are those of migrations that were said, see ``mapping``.
    """

    __tablename__ = 'mappings'
    __table_args__ = (
        sa.Index('mappings_project_idx', 'project_id', 'created_at'),
        models.Base.__table_args__,
    )

    id: orm.Mapped[str] = orm.mapped_column(models.Id, primary_key=True)
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    user_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    source_id: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey('sources.id', ondelete='CASCADE'), index=True
    )
    name: orm.Mapped[str] = orm.mapped_column(sa.String(255))
    description: orm.Mapped[str | None] = orm.mapped_column(sa.String(255))
    options: orm.Mapped[dict] = orm.mapped_column(models.Json, default=dict)
