// Names that Apache's brokers know of themselves.

const OWN_GROUPS = new Set([
  'TOOLS_CONSUMER', 'FILTERSRV_CONSUMER', 'SELF_TEST_C_GROUP', 'CID_ONS-HTTP-PROXY', 'CID_ONSAPI_OWNER', 'CID_ONSAPI_PERMISSION', 'CID_ONSAPI_PULL',
]);

/** Whether a group is no application's: the broker's own, or one that every broker of Apache's has. */
export const isSystemGroup = (name) => name.startsWith('CID_RMQ_SYS_') || OWN_GROUPS.has(name);
