import com.apicatalog.jsonld.document.JsonDocument;
import com.apicatalog.jsonld.loader.DocumentLoader;
import com.apicatalog.ld.DocumentError;
import com.apicatalog.ld.signature.VerificationMethod;
import com.apicatalog.ld.signature.ecdsa.ECDSASignature2019;
import com.apicatalog.ld.signature.eddsa.EdDSASignature2022;
import com.apicatalog.multibase.MultibaseDecoder;
import com.apicatalog.multicodec.Multicodec;
import com.apicatalog.multicodec.MulticodecDecoder;
import com.apicatalog.multikey.MultiKey;
import com.apicatalog.multikey.MultiKeyAdapter;
import com.apicatalog.vc.method.resolver.MethodResolver;
import com.apicatalog.vc.proof.Proof;
import com.apicatalog.vc.verifier.Verifier;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Verifies credentials with the Iron library: {@code java -cp 'classes:lib/*' Main < request.json}.
 *
 * <p>Request and answers are those of the npm commands beside it: {suite, documents, credentials}; one line {verified, reason}
 * for each credential. The final contexts come with the request, since those that Iron bundles are an early draft. Statuses are
 * not checked.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        JsonObject request;
        try (var reader = Json.createReader(System.in)) {
            request = reader.readObject();
        }
        JsonObject documents = request.getJsonObject("documents");
        DocumentLoader loader = (url, options) -> {
            JsonObject document = documents.getJsonObject(url.toString());
            if (document == null) {
                throw new IllegalStateException("no document " + url);
            }
            JsonDocument found = JsonDocument.of(document);
            found.setDocumentUrl(url);
            return found;
        };
        Verifier verifier = Verifier.with(new EdDSASignature2022(), new ECDSASignature2019())
                .loader(loader)
                .useBundledContexts(false)
                .statusValidator(status -> {}) // the one that comes with 0.14.0 refuses whatever has a status
                .methodResolvers(List.of(new ControllerDocuments(documents)));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (JsonObject credential : request.getJsonArray("credentials").getValuesAs(JsonObject.class)) {
            JsonValue reason = JsonValue.NULL;
            try {
                verifier.verify(credential);
            } catch (Throwable error) { // VerificationError is a Throwable and no Exception
                reason = Json.createValue(error + (error.getCause() == null ? "" : "; " + error.getCause()));
            }
            out.println(Json.createObjectBuilder()
                    .add("verified", reason == JsonValue.NULL)
                    .add("reason", reason)
                    .build());
        }
        out.flush();
    }

    /** Finds a key in the DID document that the request brings, if that document lets it assert. */
    private record ControllerDocuments(JsonObject documents) implements MethodResolver {
        @Override
        public boolean isAccepted(URI method) {
            return "did".equals(method.getScheme());
        }

        @Override
        public VerificationMethod resolve(URI method, DocumentLoader loader, Proof proof) throws DocumentError {
            String id = method.toString();
            JsonObject document = documents.getJsonObject(id.split("#", 2)[0]);
            if (document == null || !document.getJsonArray("assertionMethod").contains(Json.createValue(id))) {
                throw new DocumentError(DocumentError.ErrorType.Unknown, "ProofVerificationMethod");
            }
            for (JsonObject one : document.getJsonArray("verificationMethod").getValuesAs(JsonObject.class)) {
                if (one.getString("id").equals(id)) {
                    return key(one);
                }
            }
            throw new DocumentError(DocumentError.ErrorType.Unknown, "ProofVerificationMethod");
        }

        private static MultiKey key(JsonObject method) {
            byte[] encoded = MultibaseDecoder.getInstance().decode(method.getString("publicKeyMultibase"));
            Multicodec codec = MulticodecDecoder.getInstance(Multicodec.Tag.Key).getCodec(encoded).orElseThrow();
            MultiKey key = new MultiKey();
            key.setId(URI.create(method.getString("id")));
            key.setController(URI.create(method.getString("controller")));
            key.setAlgorithm(MultiKeyAdapter.getAlgorithmName(codec));
            key.setPublicKey(codec.decode(encoded));
            return key;
        }
    }
}
