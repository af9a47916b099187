// Uses jet-admin as applications use Firebase Authentication: `node journey.mjs http://host:port`.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { deleteApp, initializeApp } from 'firebase/app'
import {
  applyActionCode,
  checkActionCode,
  confirmPasswordReset,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  deleteUser,
  initializeAuth,
  inMemoryPersistence,
  sendEmailVerification,
  sendPasswordResetEmail,
  signInWithEmailAndPassword,
  signOut,
  updatePassword,
  updateProfile,
  verifyBeforeUpdateEmail,
  verifyPasswordResetCode,
} from 'firebase/auth'

const [url] = process.argv.slice(2)
const codes = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const app = initializeApp({ apiKey: 'any', projectId: 'jet-admin' })
const auth = initializeAuth(app, { persistence: inMemoryPersistence })
connectAuthEmulator(auth, url, { disableWarnings: true })

const email = 'ada@example.com'

/** Returns the code from the last email for this purpose. */
async function code(purpose) {
  console.log(`code please: ${purpose}`)
  const { value } = await codes.next()
  return value
}

/** Asserts that the SDK fails with this error code. */
async function refused(promise, expected) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.code, expected)
    return true
  })
}

/** Returns the account that the API recognizes by the user's token. */
async function me(user) {
  const answer = await fetch(`${url}/api/v1/auth`, { headers: { authorization: `Bearer ${await user.getIdToken()}` } })
  return { status: answer.status, body: await answer.json() }
}

// sign-up
await refused(createUserWithEmailAndPassword(auth, email, 'short'), 'auth/weak-password')
await refused(createUserWithEmailAndPassword(auth, 'ada', 'correct horse'), 'auth/invalid-email')
const created = await createUserWithEmailAndPassword(auth, email, 'correct horse')
assert.equal(created.user.email, email)
assert.equal(created.user.emailVerified, false)
assert.equal((await me(created.user)).body.user.id, created.user.uid)
await refused(createUserWithEmailAndPassword(auth, email, 'correct horse'), 'auth/email-already-in-use')

// profile
await updateProfile(created.user, { displayName: 'Ada', photoURL: 'https://example.com/ada.png' })
await created.user.reload()
assert.equal(auth.currentUser.displayName, 'Ada')
assert.equal(auth.currentUser.photoURL, 'https://example.com/ada.png')

// tokens
const first = await created.user.getIdTokenResult()
assert.equal(first.signInProvider, 'password')
assert.equal(Date.parse(first.expirationTime) - Date.parse(first.issuedAtTime), 3600_000)
const before = created.user.refreshToken
const refreshed = await created.user.getIdToken(true)
assert.notEqual(created.user.refreshToken, before, 'refresh tokens rotate')
assert.equal((await me(created.user)).status, 200)
assert.ok(refreshed.length > 100)

// verification
await sendEmailVerification(created.user)
const verification = await code('VERIFY_EMAIL')
assert.equal((await checkActionCode(auth, verification)).operation, 'VERIFY_EMAIL')
await applyActionCode(auth, verification)
await created.user.reload()
assert.equal(auth.currentUser.emailVerified, true)
await refused(applyActionCode(auth, verification), 'auth/invalid-action-code')

// a new password
await updatePassword(created.user, 'another horse')
assert.equal((await me(created.user)).status, 200, 'the session that changed it stays valid')
await signOut(auth)
await refused(signInWithEmailAndPassword(auth, email, 'correct horse'), 'auth/invalid-credential')
await refused(signInWithEmailAndPassword(auth, 'nobody@example.com', 'correct horse'), 'auth/invalid-credential')
const again = await signInWithEmailAndPassword(auth, email, 'another horse')
assert.equal(again.user.uid, created.user.uid)

// a forgotten password
await sendPasswordResetEmail(auth, email)
const reset = await code('PASSWORD_RESET')
assert.equal(await verifyPasswordResetCode(auth, reset), email)
await refused(confirmPasswordReset(auth, reset, 'short'), 'auth/weak-password')
await confirmPasswordReset(auth, reset, 'third horse')
await refused(confirmPasswordReset(auth, reset, 'fourth horse'), 'auth/invalid-action-code')
await refused(again.user.getIdToken(true), 'auth/user-token-expired')
assert.equal(auth.currentUser, null, 'the reset ended every session')
const third = await signInWithEmailAndPassword(auth, email, 'third horse')

// another email address, which takes effect once its code is used
const moved = 'ada@example.org'
await verifyBeforeUpdateEmail(third.user, moved)
const change = await code('VERIFY_AND_CHANGE_EMAIL')
assert.equal((await checkActionCode(auth, change)).data.email, moved)
assert.equal((await me(third.user)).body.user.email, email)
await applyActionCode(auth, change)
await refused(third.user.getIdToken(true), 'auth/user-token-expired')
await refused(signInWithEmailAndPassword(auth, email, 'third horse'), 'auth/invalid-credential')
const fourth = await signInWithEmailAndPassword(auth, moved, 'third horse')

// deletion of the account
await deleteUser(fourth.user)
assert.equal(auth.currentUser, null)
await refused(signInWithEmailAndPassword(auth, moved, 'third horse'), 'auth/invalid-credential')
await deleteApp(app)
console.log('done')
process.exit(0)
