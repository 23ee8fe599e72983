export {
  type Api,
  createApi,
  createSession as createClientSession,
  createVisit,
  type Ending,
  FluentMeetError,
  type Line,
  type MeetingSocket,
  type SocketStatus,
  type Visit,
} from '../../../clients/typescript/src/index.ts'
