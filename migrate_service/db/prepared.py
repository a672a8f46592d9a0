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

"""The table of preparations; who writes what is told in ``models``."""

import sqlalchemy as sa
from sqlalchemy import orm

from migrate_service.db import models


class Preparation(models.Base):
    """A preparation of a guest that is asked for or under way.

    ``action`` is ``prepare`` or ``revert``; ``secret`` a reference or the
    ciphertext of the guest's credentials, as JSON. The conductor removes
    both as soon as the step has ended. No foreign key: a key manager may
    hold the secret of a migration that is gone.
    """

    __tablename__ = 'preparations'

    migration_id: orm.Mapped[str] = orm.mapped_column(
        models.Id, primary_key=True
    )
    action: orm.Mapped[str] = orm.mapped_column(sa.String(16))
    secret: orm.Mapped[str] = orm.mapped_column(models.Text)
