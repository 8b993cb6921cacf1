import type { edge } from '@parley/contracts';
import type { Account } from '../accounts/account.ts';

/** The account as its bucket keeps it. */
export function accountToRecord(account: Account): edge.AccountRecord {
  const { name, displayName, tel, secrets, createdAt } = account;
  return {
    name,
    displayName,
    tel,
    createdAt,
    ha1Md5: secrets?.name.md5 ?? '',
    ha1Sha256: secrets?.name.sha256 ?? '',
    addressHa1Md5: secrets?.address.md5 ?? '',
    addressHa1Sha256: secrets?.address.sha256 ?? '',
    leavingSince: 0,
  };
}

/** The inverse of {@link accountToRecord}. */
export function accountFromRecord(record: edge.AccountRecord): Account {
  return {
    name: record.name,
    displayName: record.displayName,
    tel: record.tel,
    createdAt: record.createdAt,
    secrets: secretsFromRecord(record),
  };
}

function secretsFromRecord(record: edge.AccountRecord): Account['secrets'] {
  if (record.ha1Sha256 === '') return undefined;
  return {
    name: { md5: record.ha1Md5, sha256: record.ha1Sha256 },
    address: { md5: record.addressHa1Md5, sha256: record.addressHa1Sha256 },
  };
}
