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

"""The table of what migrations count on the limits of their projects."""

import sqlalchemy as sa
from sqlalchemy import orm

from migrate_service.db import models


class Admission(models.Base):
    """A migration that was let in, and the GiB of its disks.

    No foreign key: it counts on the limit of its day although the record of
    the migration is deleted. The conductor removes it when it counts on
    nothing any more.
    """

    __tablename__ = 'admissions'
    __table_args__ = (
        sa.Index('admissions_project_idx', 'project_id', 'created_at'),
        models.Base.__table_args__,
    )

    migration_id: orm.Mapped[str] = orm.mapped_column(
        models.Id, primary_key=True
    )
    project_id: orm.Mapped[str] = orm.mapped_column(sa.String(64))
    gib: orm.Mapped[int] = orm.mapped_column()
