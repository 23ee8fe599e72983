/** The paths of the browser client: the server answers each with the same page, and the client shows what belongs there. */
export const PAGES = [
  '/',
  '/sign-in',
  '/sign-up',
  '/verify-email',
  '/forgot-password',
  '/reset-password',
  '/account',
  '/account/api-keys',
  '/meetings',
  '/meetings/:code',
  '/meetings/:code/audit',
  '/admin/audit',
  '/join/:code',
] as const
