export type {
  AvailableMedium,
  ConferenceDescription,
  ConferenceInfo,
  ConferenceState,
  ElementState,
  Endpoint,
  EndpointMedia,
  EndpointStatus,
  Execution,
  HostInfo,
  MediaStatus,
  SidebarsByVal,
  SipDialogId,
  UriEntry,
  Uris,
  User,
  Users,
} from './conference-info.ts';
export { conferenceInfoNamespace, conferenceInfoType, xconNamespace } from './conference-info.ts';
export type { ConferenceInfoFrame } from './write.ts';
export { conferenceInfoFrame, conferenceInfoText, serialiseConferenceInfo } from './write.ts';
export { userText } from './write-user.ts';
export { conferenceInfoLimits, readConferenceInfo } from './read.ts';
export type { Merged } from './merge.ts';
export { mergeConferenceInfo } from './merge.ts';
