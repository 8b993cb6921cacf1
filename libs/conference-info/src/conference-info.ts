/** How much of an element is told: all, what changed, or that it is gone. @spec RFC 4575 §4.4 */
export type ElementState = 'full' | 'partial' | 'deleted';

/** Which way media flow, from the participant's point of view. @spec RFC 4575 §5.8.5 */
export type MediaStatus = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** When, why and by whom something was done. @spec RFC 4575 §6 (execution-type) */
export interface Execution {
  /** An xs:dateTime, which a date-time of RFC 3339 is. */
  readonly when?: string;
  readonly reason?: string;
  readonly by?: string;
}

/** A URI that belongs to a conference or user. @spec RFC 4575 §6 (uri-type) */
export interface UriEntry {
  readonly uri: string;
  readonly displayText?: string;
  /** E.g. `participation`, `streaming`, `web-page`, `recording`, `event`. */
  readonly purpose?: string;
  readonly modified?: Execution;
}

/** URIs with their own state. @spec RFC 4575 §6 (uris-type) */
export interface Uris {
  readonly state?: ElementState;
  /** At least one. */
  readonly entries: readonly UriEntry[];
}

/** A kind of media that the conference offers. @spec RFC 4575 §5.3.4 */
export interface AvailableMedium {
  readonly label: string;
  readonly displayText?: string;
  readonly type: string;
  readonly status?: MediaStatus;
}

/** What the conference is about. @spec RFC 4575 §5.3 */
export interface ConferenceDescription {
  readonly displayText?: string;
  readonly subject?: string;
  readonly freeText?: string;
  /** Words without white space. */
  readonly keywords?: readonly string[];
  readonly confUris?: Uris;
  readonly serviceUris?: Uris;
  readonly maximumUserCount?: number;
  readonly availableMedia?: readonly AvailableMedium[];
}

/** Who hosts the conference. @spec RFC 4575 §5.4 */
export interface HostInfo {
  readonly displayText?: string;
  readonly webPage?: string;
  readonly uris?: Uris;
}

/** How the conference as a whole is doing. @spec RFC 4575 §5.5 */
export interface ConferenceState {
  readonly userCount?: number;
  readonly active?: boolean;
  readonly locked?: boolean;
}

/** One stream of an endpoint; `id` is its key. @spec RFC 4575 §5.8 */
export interface EndpointMedia {
  readonly id: string;
  readonly displayText?: string;
  readonly type?: string;
  readonly label?: string;
  readonly srcId?: string;
  readonly status?: MediaStatus;
}

/** The dialog by which an endpoint takes part. @spec RFC 4575 §5.7.9 */
export interface SipDialogId {
  readonly displayText?: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
}

/** How far an endpoint has come in joining or leaving. @spec RFC 4575 §5.7.3 */
export type EndpointStatus =
  | 'pending'
  | 'dialing-out'
  | 'dialing-in'
  | 'alerting'
  | 'on-hold'
  | 'connected'
  | 'muted-via-focus'
  | 'disconnecting'
  | 'disconnected';

/** One device of a user; `entity` is its key. @spec RFC 4575 §5.7 */
export interface Endpoint {
  readonly entity?: string;
  readonly state?: ElementState;
  readonly displayText?: string;
  readonly referred?: Execution;
  readonly status?: EndpointStatus;
  readonly joiningMethod?: 'dialed-in' | 'dialed-out' | 'focus-owner';
  readonly joiningInfo?: Execution;
  readonly disconnectionMethod?: 'departed' | 'booted' | 'failed' | 'busy';
  readonly disconnectionInfo?: Execution;
  readonly media?: readonly EndpointMedia[];
  readonly callInfo?: SipDialogId;
}

/** One participant; `entity` is the key. @spec RFC 4575 §5.6 */
export interface User {
  readonly entity?: string;
  readonly state?: ElementState;
  /** The attribute `nickname` of the namespace of RFC 6501. @spec RFC 7701 §7.4 */
  readonly nickname?: string;
  readonly displayText?: string;
  readonly associatedAors?: Uris;
  readonly roles?: readonly string[];
  readonly languages?: readonly string[];
  readonly cascadedFocus?: string;
  readonly endpoints?: readonly Endpoint[];
}

/** The participants, or those that changed. @spec RFC 4575 §5.6 */
export interface Users {
  readonly state?: ElementState;
  readonly users: readonly User[];
}

/** Conferences within the conference, told in full. @spec RFC 4575 §5.9.2 */
export interface SidebarsByVal {
  readonly state?: ElementState;
  readonly entries: readonly ConferenceInfo[];
}

/** A conference information document. An absent state means `full`. @spec RFC 4575 §5.2 */
export interface ConferenceInfo {
  /** The conference URI. */
  readonly entity: string;
  readonly state?: ElementState;
  /** 0 to 2^32 - 1, within one subscription; must be given for the document, not for a sidebar. */
  readonly version?: number;
  readonly description?: ConferenceDescription;
  readonly hostInfo?: HostInfo;
  readonly conferenceState?: ConferenceState;
  readonly users?: Users;
  readonly sidebarsByRef?: Uris;
  readonly sidebarsByVal?: SidebarsByVal;
}

/** Media type of the documents. @spec RFC 4575 §9.2 */
export const conferenceInfoType = 'application/conference-info+xml';

/** Namespace of all elements of the documents. @spec RFC 4575 §4.2 */
export const conferenceInfoNamespace = 'urn:ietf:params:xml:ns:conference-info';

/** Namespace of the nickname attribute. @spec RFC 6501, by RFC 7701 §7.4 */
export const xconNamespace = 'urn:ietf:params:xml:ns:xcon-conference-info';
